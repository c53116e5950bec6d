import { refusal } from '../name_only.ts';

// Node's archives of files are an experiment of its own, which Workers has not got.
export function zip(): object {
  const withMembers = (name: string, members: readonly string[]) => {
    const made = refusal('zlib', name, 'class');
    for (const member of members) made[member] = refusal('zlib', `${name}.${member}`, 'function');
    return made;
  };
  const functions = [
    'createZipArchive',
    'createZipArchiveSync',
    'getMaxZipContentSize',
    'setMaxZipContentSize',
    'zipFiles',
  ];
  return {
    ZipBuffer: refusal('zlib', 'ZipBuffer', 'class'),
    ZipEntry: withMembers('ZipEntry', [
      'create',
      'createStream',
      'createSymlink',
      'createSync',
      'read',
    ]),
    ZipFile: withMembers('ZipFile', ['open', 'openSync']),
    ...Object.fromEntries(functions.map((name) => [name, refusal('zlib', name, 'function')])),
  };
}
