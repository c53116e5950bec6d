// A data folder that is taken up again answers where people know it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import {
  caravel,
  caravelBinary,
  esModule,
  Platform,
  temporaryFolder,
} from '../../tools/platform/platform.ts';
import { root } from '../../tools/test/paths.ts';
import { run } from '../../tools/test/process.ts';

const data = temporaryFolder();
after(async () => {
  await caravel(['down', '--data', data]);
  rmSync(data, { recursive: true, force: true });
});

/** What it says of itself; nothing when another process has taken a port of it. */
const up = async (...flags: string[]): Promise<{ http: string; api: string } | null> => {
  const { output } = await caravel(['up', '--data', data, '--detach', '--json', ...flags]);
  if (/port \d+: in use/.test(output)) return null;
  const line = output.split('\n').find((text) => text.startsWith('{'));
  assert.ok(line, output);
  return JSON.parse(line);
};

test('up after down takes the ports of the last time', async () => {
  // Other tests take free ports meanwhile, and may be given one of these.
  for (let tries = 1; tries <= 5; tries++) {
    const first = await up('--port', '0', '--api-port', '0');
    assert.ok(first);
    await caravel(['down', '--data', data]);
    const second = await up();
    if (!second) continue;
    assert.deepEqual([second.http, second.api], [first.http, first.api]);
    return;
  }
  assert.fail('the ports were in use each time');
});

test('a port of the last time that is taken is named as such', async () => {
  const first = await up('--port', '0', '--api-port', '0');
  assert.ok(first);
  await caravel(['down', '--data', data]);
  const holder = createServer();
  const listening = once(holder, 'listening');
  holder.listen(Number(new URL(first.http).port), '127.0.0.1');
  await listening.catch(() => {}); // another process has it: that will do
  try {
    const { code, output } = await caravel(['up', '--data', data, '--detach']);
    assert.notEqual(code, 0);
    assert.match(output, /No port was given: this one is that of the last time, kept in .*ports/);
  } finally {
    holder.close();
  }
});

test('ports of another Caravel are refused with its folder and the options to change', async () => {
  const platform = await Platform.start();
  try {
    const [port, apiPort] = [platform.http, platform.api].map((url) => new URL(url).port);
    const refusal = async (http: string, api: string) => {
      const ports = ['--port', http, '--api-port', api];
      const { code, output } = await caravel(['up', '--data', data, '--detach', ...ports]);
      assert.notEqual(code, 0);
      assert.ok(output.includes(`in use by the Caravel of ${platform.data}`), output);
      assert.ok(output.includes(`./caravel down --data ${platform.data}`), output);
      return output;
    };
    assert.match(await refusal(port ?? '', '0'), /choose another port \(--port N;/);
    assert.match(await refusal('0', apiPort ?? ''), /choose another port \(--api-port N;/);
    assert.match(
      await refusal(port ?? '', apiPort ?? ''),
      /two other ports.*--port N --api-port N/,
    );
  } finally {
    await platform.stop();
  }
});

test('up with other ports than those that run is an error and says how to change them', async () => {
  const platform = await Platform.start();
  try {
    const [http, api] = [platform.http, platform.api].map((url) => new URL(url).port);
    const again = (...ports: string[]) => platform.run('up', ['--detach', ...ports]);
    const same = await again('--port', http ?? '', '--api-port', api ?? '');
    assert.equal(same.code, 0, same.output);
    assert.match(same.output, /up already/);
    const other = await again('--port', '9', '--api-port', api ?? '');
    assert.notEqual(other.code, 0);
    assert.ok(other.output.includes(`Workers at port ${http} and the API at port ${api}`));
    assert.match(other.output, /\.\/caravel down --data \S+ && \.\/caravel up .*--port 9 /);
  } finally {
    await platform.stop();
  }
});

test('hints leave out the data folder where it is the usual one', async () => {
  const env = { CARAVEL_ROOT: root, CARAVEL_DATA: data };
  const ended = await run(caravelBinary, ['up', '--detach', '--port', '0', '--api-port', '0'], {
    env,
  });
  assert.equal(ended.code, 0, ended.output);
  assert.match(ended.output, /\.\/caravel down \(/);
  assert.ok(!ended.output.includes('--data'), ended.output);
  const status = async (options: string[], variables: Record<string, string>) =>
    (await run(caravelBinary, ['status', ...options], { env: variables })).output;
  assert.match(await status([], env), /\.\/caravel deploy DIR$/m);
  const named = await status(['--data', data], { CARAVEL_ROOT: root });
  assert.ok(named.includes(`./caravel deploy DIR --data ${data}`), named);
  await caravel(['down', '--data', data]);
});

test('down where nothing runs says so and is no error', async () => {
  await caravel(['down', '--data', data]);
  const { code, output } = await caravel(['down', '--data', data]);
  assert.equal(code, 0);
  assert.match(output, /not up on .*nothing to stop/);
});

test('one port for Workers and the API is refused', async () => {
  const { code, output } = await caravel([
    'up',
    '--data',
    data,
    '--port',
    '7',
    '--api-port',
    '7',
    '--detach',
  ]);
  assert.notEqual(code, 0);
  assert.match(output, /--port and --api-port are both 7/);
});

test('logs that are followed go on when caraveld is started again', async () => {
  const platform = await Platform.start([], { data });
  await platform.deploy('talker', [
    esModule(`export default { fetch({ url }) {
      console.log('said ' + new URL(url).search);
      return new Response('spoken');
    } };`),
  ]);
  const child = spawn(caravelBinary, ['logs', '-f', '--data', data], {
    env: { ...process.env, CARAVEL_ROOT: root },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  try {
    const errors: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const find = async (wanted: string): Promise<string[]> => {
      const seen: string[] = [];
      while (!seen.some((line) => line.includes(wanted))) {
        const { value, done } = await lines.next();
        assert.ok(!done, `logs ended: ${errors.join('\n')}`);
        seen.push(value);
      }
      return seen;
    };
    await platform.get('talker', '/?before');
    await find('said ?before');
    await caravel(['down', '--data', data]);
    const again = await Platform.start([], { data });
    await again.get('talker', '/?after');
    const seen = await find('said ?after');
    assert.ok(!seen.some((line) => line.includes('said ?before')), seen.join('\n'));
    assert.match(errors.join('\n'), /the connection is lost: .*closed the channel/);
  } finally {
    child.kill('SIGTERM');
  }
});
