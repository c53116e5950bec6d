// Runs a program to its end and keeps what it printed.
import { spawn } from 'node:child_process';

export interface Ended {
  /** 0 when all went well; null when a signal ended the program. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Standard output and standard error, in the order they came. */
  readonly output: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string | undefined>;
  /** After this long the program and its children are killed. */
  readonly limitMs?: number;
  /** What the program reads on standard input; none without it. */
  readonly input?: string;
  /** Gets each whole line as it comes. */
  readonly onLine?: (line: string) => void;
}

const tenMinutes = 600_000;

/** Rejects only when the program cannot be started. */
export function run(command: string, args: readonly string[], options: RunOptions = {}) {
  const { cwd, env, limitMs = tenMinutes, input, onLine } = options;
  return new Promise<Ended>((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      detached: true, // a process group of its own, so that a kill reaches children
    });
    // A program that ends without reading is no failure of ours.
    child.stdin?.on('error', () => {}).end(input);
    const chunks: Buffer[] = [];
    let line = '';
    const take = (chunk: Buffer) => {
      chunks.push(chunk);
      if (!onLine) return;
      const lines = (line + chunk.toString()).split('\n');
      line = lines.pop() ?? '';
      for (const whole of lines) onLine(whole);
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);

    let note = '';
    const killGroup = () => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // All of the group has ended already.
      }
    };
    const timer = setTimeout(() => {
      note = `\nended after its limit of ${limitMs / 1000} s: ${command} ${args.join(' ')}\n`;
      killGroup();
    }, limitMs);
    process.once('exit', killGroup);

    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      process.removeListener('exit', killGroup);
      resolve({ code, signal, output: Buffer.concat(chunks).toString() + note });
    });
  });
}

/** How a program ended, for a person: "exit code 3", "signal SIGSEGV". */
export function describeEnd({ code, signal }: Ended) {
  return signal ? `signal ${signal}` : `exit code ${code}`;
}
