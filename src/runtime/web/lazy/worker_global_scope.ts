// WorkerGlobalScope, HTML §10.2.1.1. Nobody makes one: there is one global object.
import { EventTarget } from '../events.ts';
import { scopeInterface, workerScope } from '../global_scope.ts';

export const WorkerGlobalScope = scopeInterface('WorkerGlobalScope', workerScope, EventTarget);
export { WorkerGlobalScope as constructor };
