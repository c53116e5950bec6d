// The bindings of node:net and node:http, and the module "cloudflare:node", for Workers
// that use them (runtime/node/net).
import type { Realm } from '../../node/binding.ts';
import type { Loose } from '../../node/loose.ts';
import { httpParser } from '../../node/net/http_parser.ts';
import { cloudflareNode as makeCloudflareNode } from '../../node/net/http_server.ts';
import { makeJsStreams } from '../../node/net/js_stream.ts';
import { makePorts, type Ports } from '../../node/net/ports.ts';
import { makeRequestHandle } from '../../node/net/request_handle.ts';
import { makeStreams, type Streams } from '../../node/net/stream_handle.ts';
import { ends } from '../invocation.ts';

const made: { net: { streams: Streams; ports: Ports } | undefined } = { net: undefined };

// The property under which a handle has its socket.
function ownerOf(realm: Realm): symbol {
  return (realm.require('internal/async_hooks') as Loose).symbols.owner_symbol;
}

function netOf(realm: Realm): { streams: Streams; ports: Ports } {
  if (made.net === undefined) {
    const streams = makeStreams(realm);
    const { owner_symbol } = (realm.require('internal/async_hooks') as Loose).symbols;
    const ports = makePorts(streams, owner_symbol);
    const { listener } = ends;
    ends.listener = (invocation) => {
      listener?.(invocation);
      ports.dropKept(invocation);
    };
    made.net = { streams, ports };
  }
  return made.net;
}

export { tlsOfHttps, tlsWrap } from '../../node/net/tls.ts';

export const bindings: Readonly<Record<string, (realm: Realm) => object>> = {
  http_parser: httpParser,
  js_stream: (realm) => makeJsStreams(netOf(realm).streams),
  pipe_wrap: (realm) => netOf(realm).ports.pipeBinding,
  stream_wrap: (realm) => netOf(realm).streams.binding,
  tcp_wrap: (realm) => netOf(realm).ports.tcpBinding,
};

export function cloudflareNode(realm: Realm): Record<string, unknown> {
  const { streams, ports } = netOf(realm);
  const parsers = realm.internalBinding('http_parser');
  const { immediateInfo } = realm.internalBinding('timers');
  return makeCloudflareNode(
    ports,
    makeRequestHandle(streams, parsers, ownerOf(realm)),
    immediateInfo,
  );
}
