import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Context,
  type ContextManager,
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';

class Contexts implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();
  active = () => this.#storage.getStore() ?? ROOT_CONTEXT;
  with = ((value, run, self, ...args) =>
    this.#storage.run(value, () => run.apply(self, args))) as ContextManager['with'];
  bind = <T>(_: Context, target: T) => target;
  enable = () => this;
  disable = () => this;
}

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
trace.setGlobalTracerProvider(provider);
context.setGlobalContextManager(new Contexts());
propagation.setGlobalPropagator(new W3CTraceContextPropagator());
const tracer = trace.getTracer('harbour');

const step = (name: string, ms: number) =>
  tracer.startActiveSpan(name, async (span) => {
    await scheduler.wait(ms);
    trace.getActiveSpan()?.setAttribute('seen.by', name);
    span.end();
  });

export default {
  async fetch(request: Request) {
    exporter.reset();
    const from = propagation.extract(ROOT_CONTEXT, Object.fromEntries(request.headers));
    const outgoing: Record<string, string> = {};
    await context.with(from, () =>
      tracer.startActiveSpan('request', { kind: SpanKind.SERVER }, async (span) => {
        await Promise.all([step('one', 4), step('two', 1)]);
        propagation.inject(context.active(), outgoing);
        span.recordException(new Error('leak'));
        span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      }),
    );
    const spans = exporter.getFinishedSpans().map((span) => ({
      name: span.name,
      parent: span.parentSpanContext?.spanId,
      id: span.spanContext().spanId,
      trace: span.spanContext().traceId,
      attributes: span.attributes,
      events: span.events.map(({ name }) => name),
    }));
    return Response.json({ spans, outgoing, outside: trace.getActiveSpan() === undefined });
  },
};
