// The modules that are compiled on first use, each from lazy/NAME.ts.
export interface LazyModules {
  caches: typeof import('./lazy/caches.ts');
  cloudflare: typeof import('./lazy/cloudflare.ts');
  console_methods: typeof import('./lazy/console_methods.ts');
  compression_streams: typeof import('./lazy/compression_streams.ts');
  content_coding: typeof import('./lazy/content_coding.ts');
  crypto: typeof import('./lazy/crypto.ts');
  data_urls: typeof import('./lazy/data_urls.ts');
  digest_stream: typeof import('./lazy/digest_stream.ts');
  encoding_streams: typeof import('./lazy/encoding_streams.ts');
  event_classes: typeof import('./lazy/event_classes.ts');
  event_source: typeof import('./lazy/event_source.ts');
  forms: typeof import('./lazy/forms.ts');
  html_rewriter: typeof import('./lazy/html_rewriter.ts');
  inspect: typeof import('./lazy/inspect.ts');
  messaging: typeof import('./lazy/messaging.ts');
  navigator: typeof import('./lazy/navigator.ts');
  node: typeof import('./lazy/node.ts');
  node_dns: typeof import('./lazy/node_dns.ts');
  node_files: typeof import('./lazy/node_files.ts');
  node_net: typeof import('./lazy/node_net.ts');
  node_timers: typeof import('./lazy/node_timers.ts');
  scheduler: typeof import('./lazy/scheduler.ts');
  performance: typeof import('./lazy/performance.ts');
  search_params: typeof import('./lazy/search_params.ts');
  subtle: typeof import('./lazy/subtle.ts');
  service_worker_events: typeof import('./lazy/service_worker_events.ts');
  service_worker_global_scope: typeof import('./lazy/service_worker_global_scope.ts');
  sockets: typeof import('./lazy/sockets.ts');
  websocket: typeof import('./lazy/websocket.ts');
  structured_clone: typeof import('./lazy/structured_clone.ts');
  streams: typeof import('./lazy/streams.ts');
  temporal: typeof import('./lazy/temporal.ts');
  url_pattern: typeof import('./lazy/url_pattern.ts');
  worker_global_scope: typeof import('./lazy/worker_global_scope.ts');
}
