// The bindings of node:fs, for Workers that use it (runtime/node/files). What an
// invocation left in /tmp is dropped when it is over.
import type { Realm } from '../../node/binding.ts';
import { type Files, fsBinding, makeFiles } from '../../node/bindings/fs.ts';
import { fsDirBinding } from '../../node/bindings/fs_handles.ts';
import type { Bundle } from '../../node/files/entries.ts';
import { ends } from '../invocation.ts';

const made: { files: Files | undefined } = { files: undefined };

function filesOf(realm: Realm): Files {
  if (made.files === undefined) {
    const files = makeFiles(realm, native.nodeBinding('files') as Bundle);
    const { listener } = ends;
    ends.listener = (invocation) => {
      listener?.(invocation);
      files.root.forget(invocation);
    };
    made.files = files;
  }
  return made.files;
}

export const bindings: Readonly<Record<string, (realm: Realm) => object>> = {
  fs: (realm) => fsBinding(realm, filesOf(realm)),
  fs_dir: (realm) => fsDirBinding(realm, filesOf(realm)),
  fs_event_wrap: () => ({
    FSEvent: class {
      constructor() {
        const error = new Error('fs.watch() is not supported in Workers');
        throw Object.assign(error, { code: 'ERR_METHOD_NOT_IMPLEMENTED' });
      }
    },
  }),
};
