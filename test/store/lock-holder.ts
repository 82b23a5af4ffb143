import { lockFolder } from '../../store/lock.ts';

// A process that takes the lock of the folder it is given, says so, and holds it until it is told
// to let go (a line on stdin) or killed.

const lock = lockFolder(process.argv[2]!);
process.stdout.write('locked\n');
process.stdin.once('data', () => {
  lock.release();
  process.stdout.write('released\n');
  process.stdin.destroy();
});
