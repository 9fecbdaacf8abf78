document.title = 'Gitstead'
