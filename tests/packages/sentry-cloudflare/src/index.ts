import * as Sentry from '@sentry/cloudflare';

interface Env {
  ORIGIN: string;
}

export default Sentry.withSentry(
  (env: Env) => ({
    dsn: `${env.ORIGIN.replace('://', '://key@')}/42`,
    release: 'ship@1',
    tracesSampleRate: 1,
  }),
  {
    async fetch(request: Request) {
      const { pathname } = new URL(request.url);
      Sentry.setTag('port', 'Goa');
      Sentry.addBreadcrumb({ message: 'cast off', category: 'sea' });
      if (pathname === '/message') {
        Sentry.captureMessage('land ahoy', 'warning');
        return new Response('told');
      }
      await Sentry.startSpan({ name: 'sail', op: 'sea' }, () => scheduler.wait(1));
      throw new RangeError('off the map');
    },
  } satisfies ExportedHandler<Env>,
);
