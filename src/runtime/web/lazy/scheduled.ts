// Scheduled events: Workers documentation, "Scheduled Handler".
import { fail } from '../answer.ts';
import { type ExecutionContext, Invocation, makeContext } from '../invocation.ts';
import { defineInterface, illegalConstructor, kInternal } from '../webidl.ts';
import { callScheduled } from '../worker.ts';

export class ScheduledController {
  readonly #cron: string;
  readonly #scheduledTime: number;

  constructor(token: unknown = undefined, cron: string = '', scheduledTime: number = 0) {
    if (token !== kInternal) illegalConstructor();
    this.#cron = cron;
    this.#scheduledTime = scheduledTime;
  }

  get cron(): string {
    return this.#cron;
  }
  get scheduledTime(): number {
    return this.#scheduledTime;
  }
  get type(): string {
    return 'scheduled';
  }

  // No event is dispatched twice, so there is nothing to be done.
  noRetry(): void {
    this.#cron;
  }
}
defineInterface(ScheduledController, 'ScheduledController');

export function onScheduled(inv: number, cron: string, time: number): void {
  const invocation = new Invocation(inv);
  const controller = new ScheduledController(kInternal, cron, time);
  void run(invocation, controller, makeContext(invocation));
}

async function run(
  invocation: Invocation,
  controller: ScheduledController,
  context: ExecutionContext,
): Promise<void> {
  try {
    await callScheduled(controller, context);
  } catch (error) {
    fail(invocation, error);
    return;
  }
  native.respond(invocation.id, 204, '', null, null, null);
  invocation.release();
}
