// Loaded before Azurite. The host holds the other end of standard input: when the host is gone, however that came
// about, the input ends, and Azurite closes in good order, saving what it keeps in memory.
process.stdin.resume().on('end', () => process.kill(process.pid, 'SIGTERM'));
