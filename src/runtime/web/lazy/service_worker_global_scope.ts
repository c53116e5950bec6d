// ServiceWorkerGlobalScope, Service Workers §4.1: what the global object is.
import { scopeInterface, serviceWorkerScope } from '../global_scope.ts';

export const ServiceWorkerGlobalScope = scopeInterface(
  'ServiceWorkerGlobalScope',
  serviceWorkerScope,
  lazy('worker_global_scope').WorkerGlobalScope,
);
export { ServiceWorkerGlobalScope as constructor };
