process.title = 'gitstead-spawner'
