/** Mail that the server sent: without an SMTP server it prints it. */
import { readFile } from 'node:fs/promises';
import { expect } from './test';

// Whatever port it listens on, links lead there.
const OURS = new RegExp(
  `http://127\\.0\\.0\\.1:${new URL(process.env.E2E_URL ?? 'http://-').port}(/[a-z-]+#token=\\S+)`,
);

/** Path and token of the newest link to `page` that was mailed to the address. */
export async function mailedLink(email: string, page: string): Promise<string> {
  const log = process.env.E2E_LOG;
  if (!log) throw new Error('E2E_LOG must name the log of the server that E2E_URL names.');
  let link: string | undefined;
  const find = async () => {
    const mails = (await readFile(log, 'utf8')).split(`Mail to ${email}\n`).slice(1);
    const links = mails.map((mail) => mail.match(OURS)?.[1]);
    link = links.findLast((path) => path?.startsWith(`/${page}#`));
    return link;
  };
  await expect.poll(find).toBeDefined();
  return link ?? '';
}
