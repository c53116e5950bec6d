// What is tried at each release, by name. The longest come first, for two run at a time.
import type { Trial } from '../trial.ts';
import { account } from './account.ts';
import { assets } from './assets.ts';
import { configuration } from './configuration.ts';
import { deletion } from './deletion.ts';
import { deploy } from './deploy.ts';
import { kv } from './kv.ts';
import { kvNamespaces } from './kv_namespaces.ts';
import { secrets } from './secrets.ts';
import { tail } from './tail.ts';
import { triggers } from './triggers.ts';
import { versionSecrets } from './version_secrets.ts';
import { versions } from './versions.ts';

export const subjects: Readonly<Record<string, (trial: Trial) => Promise<void>>> = {
  kv,
  versions,
  deploy,
  configuration,
  secrets,
  version_secrets: versionSecrets,
  kv_namespaces: kvNamespaces,
  assets,
  triggers,
  tail,
  account,
  deletion,
};
