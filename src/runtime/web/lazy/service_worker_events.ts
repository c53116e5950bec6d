// The interfaces of the events of service workers: Service Workers §4.4 and §4.6, and
// those that Workers adds. Workers here are modules, whose handlers get arguments: no
// such event is ever made, so that these are there for `instanceof` alone, as on Workers
// for a module, and their methods refuse every receiver.
import { Event } from '../events.ts';
import { TypeError } from '../primordials.ts';
import { defineInterface, illegalConstructor } from '../webidl.ts';

function illegalInvocation(): never {
  throw new TypeError('Illegal invocation');
}

export class ExtendableEvent extends Event {
  constructor() {
    illegalConstructor();
    super('');
  }
  waitUntil(): void {
    illegalInvocation();
  }
}
defineInterface(ExtendableEvent, 'ExtendableEvent');

export class FetchEvent extends ExtendableEvent {
  respondWith(): void {
    illegalInvocation();
  }
  passThroughOnException(): void {
    illegalInvocation();
  }
}
defineInterface(FetchEvent, 'FetchEvent');

export class ScheduledEvent extends ExtendableEvent {
  noRetry(): void {
    illegalInvocation();
  }
}
defineInterface(ScheduledEvent, 'ScheduledEvent');

export class TailEvent extends ExtendableEvent {}
defineInterface(TailEvent, 'TailEvent');

export { TailEvent as TraceEvent }; // its name before
