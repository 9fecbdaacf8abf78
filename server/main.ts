process.stdout.write('gitstead\n')
