// The help of all commands, as tools/help.txt keeps it for a tree without a build.
// Run as a program it writes that file anew from what is built.
import { writeFileSync } from 'node:fs';
import { caravel } from './platform/platform.ts';
import { inTree } from './test/paths.ts';

export const helpFile = inTree('tools/help.txt');

async function helpOf(...words: string[]): Promise<string> {
  const ended = await caravel(['help', ...words]);
  if (ended.code !== 0) throw new Error(ended.output);
  return ended.output;
}

export async function helpText(): Promise<string> {
  const all = await helpOf();
  const list = all.slice(all.indexOf('\nCommands'));
  const names = [...list.matchAll(/^ {2}(\w+)/gm)].map(([, name = '']) => name);
  let text = `==\n${all}`;
  for (const name of names) text += `== ${name}\n${await helpOf(name)}`;
  return text;
}

if (import.meta.main) writeFileSync(helpFile, await helpText());
