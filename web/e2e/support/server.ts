/** Starts the real server with its own database in a folder of its own, and removes both. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const START_MS = 120_000;
const COMMAND = process.env.AGENTVERSE ?? resolve('..', '.venv', 'bin', 'agentverse');

/** `E2E_URL` names a server that runs already, `E2E_LOG` its log; it is used and left alone. */
async function startServer(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.E2E_URL) return;
  const server = await start('serve');
  process.env.E2E_URL = server.url;
  process.env.E2E_LOG = server.log;
  return server.stop;
}

interface Server {
  url: string;
  /** File with everything the server has printed. */
  log: string;
  stop: () => Promise<void>;
}

/** `serve` starts empty, `demo` with the demo project answered; both with their own database. */
export async function start(command: 'serve' | 'demo'): Promise<Server> {
  if (!existsSync('dist/index.html') && !process.env.AGENTVERSE_WEB_DIST) {
    throw new Error('web/dist is missing: run `make web` first.');
  }
  const home = await mkdtemp(join(tmpdir(), 'agentverse-e2e-'));
  const port = await freePort();
  const environment = {
    ...process.env,
    AGENTVERSE_HOME: home,
    // All journeys come from one address, and faster than people.
    AGENTVERSE_REQUESTS_PER_MINUTE: '0',
    AGENTVERSE_ASKS_PER_MINUTE: '0',
    AGENTVERSE_ADDRESS_REQUESTS_PER_MINUTE: '0',
  };
  const log = join(home, 'server.log');
  const output = openSync(log, 'w');
  const server = spawn(COMMAND, [command, '--port', String(port)], {
    env: environment,
    stdio: ['ignore', output, output],
  });
  const stop = async () => {
    await ended(server);
    spawnSync(COMMAND, ['db', 'stop'], { env: environment });
    await rm(home, { recursive: true, force: true });
  };
  // localhost is a secure context for cookies, 127.0.0.1 need not be.
  const url = `http://localhost:${port}`;
  try {
    await answering(url, server);
  } catch (error) {
    const tail = (await readFile(log, 'utf8')).split('\n').slice(-30).join('\n');
    await stop();
    throw new Error(`The server did not start.\n${tail}`, { cause: error });
  }
  return { url, log, stop };
}

async function answering(url: string, server: ChildProcess): Promise<void> {
  const until = Date.now() + START_MS;
  while (Date.now() < until) {
    if (server.exitCode !== null) throw new Error(`exit code ${server.exitCode}`);
    const ready = await fetch(`${url}/api/v1/health/ready`).catch(() => null);
    if (ready?.ok) return;
    await new Promise((next) => setTimeout(next, 200));
  }
  throw new Error(`not ready after ${START_MS / 1000} s`);
}

function ended(server: ChildProcess): Promise<void> {
  return new Promise((done) => {
    if (server.exitCode !== null) return done();
    const force = setTimeout(() => server.kill('SIGKILL'), 20_000);
    server.once('exit', () => {
      clearTimeout(force);
      done();
    });
    server.kill('SIGTERM');
  });
}

function freePort(): Promise<number> {
  return new Promise((done, refuse) => {
    const probe = createServer();
    probe.once('error', refuse);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === 'object' && address ? done(address.port) : refuse(new Error('no port')),
      );
    });
  });
}

export default startServer;
