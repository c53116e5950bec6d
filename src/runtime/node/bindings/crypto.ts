// The binding `crypto`: Node's classes and jobs over native objects
// (ops/node/crypto/crypto_binding.h). Names of Node's binding that are not here are
// there and refuse, so that the modules that name them load.
import * as facts from 'node-facts';
import type { Realm } from '../binding.ts';
import type { Loose } from '../loose.ts';
import { agreement } from './crypto/agreement.ts';
import { certificates } from './crypto/certificates.ts';
import { ciphers } from './crypto/ciphers.ts';
import { derivations } from './crypto/derivations.ts';
import { digests } from './crypto/digests.ts';
import { keys } from './crypto/keys.ts';
import { pairs } from './crypto/pairs.ts';
import { random } from './crypto/random.ts';
import { Tools } from './crypto/tools.ts';

function refusal(name: string): Loose {
  return function refuse(): never {
    throw new Error(`node:crypto: what needs "${name}" of Node is not built in Caravel yet`);
  };
}

// What of OpenSSL's process is to be seen and set: nothing, Workers share it.
const processWide: Loose = {
  getFipsCrypto: () => 0,
  getFipsCryptoGeneration: () => 0,
  getOpenSSLSecLevelCrypto: () => facts.crypto().securityLevel,
  secureBuffer: (size: number) => new Uint8Array(size),
  secureHeapUsed: () => undefined,
  setEngine: undefined,
  setFipsCrypto(): never {
    throw new Error('crypto.setFips: all Workers of a host share OpenSSL, none can set it');
  },
  setupFipsIndicatorChannel() {},
  testFipsCrypto: () => false,
};

// Certificates are verified where TLS is spoken, as the system of the host trusts them.
// No Worker sees or sets which.
const trust: Loose = {
  getBundledRootCertificates: () => [],
  getCertificateCompressionAlgorithms: () => [],
  getExtraCACertificates: () => [],
  getSystemCACertificates: () => [],
  getUserRootCertificates: () => [],
  resetRootCertStore(): never {
    throw new Error(
      'tls.setDefaultCACertificates: certificates are verified as the system of the host ' +
        'trusts them, no Worker can set that',
    );
  },
  startLoadingCertificatesOffThread() {},
};

export function crypto(realm: Realm): object {
  const tools = new Tools(realm);
  const keysOfNode = keys(tools);
  const binding: Loose = {};
  for (const name of facts.crypto().functions) binding[name] = refusal(name);
  return Object.assign(
    binding,
    facts.crypto().constants,
    processWide,
    trust,
    {
      getCiphers: () => [...facts.crypto().ciphers],
      getCurves: () => [...facts.crypto().curves],
      getHashes: () => [...facts.crypto().hashes],
      getMacs: () => [...facts.crypto().macs],
      getSSLCiphers: () => [...facts.crypto().sslCiphers],
      getPqcKeyTypes: () => facts.crypto().pqcKeyTypes,
      getCachedAliases: () => ({}),
      getCachedMacAliases: () => ({}),
    },
    keysOfNode.binding,
    pairs(tools, keysOfNode),
    certificates(tools, keysOfNode),
    agreement(tools, keysOfNode),
    ciphers(tools),
    digests(tools),
    derivations(tools),
    random(tools),
  );
}
