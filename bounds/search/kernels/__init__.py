from paging.compiling import watch

watch()
