/** @jsxRuntime automatic */
import { Suspense, use } from 'react';
import { renderToReadableStream, renderToStaticMarkup } from 'react-dom/server';

const weather = () => new Promise<string>((resolve) => setTimeout(resolve, 10, 'fair & warm'));

function Weather({ of }: { of: Promise<string> }) {
  return <p id="weather">{use(of)}</p>;
}

function Broken(): never {
  throw new Error('mast broken');
}

function Page({ name, broken }: { name: string; broken: boolean }) {
  return (
    <html lang="en">
      <head>
        <title>Log</title>
      </head>
      <body>
        <h1 className="big" style={{ marginTop: 4 }}>
          Hello {name}
        </h1>
        <Suspense fallback={<p>asking the sky</p>}>
          <Weather of={weather()} />
        </Suspense>
        {broken && <Broken />}
      </body>
    </html>
  );
}

export default {
  async fetch(request: Request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/static') {
      return new Response(renderToStaticMarkup(<input defaultValue={'"<quoted>"'} readOnly />));
    }
    const name = searchParams.get('name') ?? 'sailor';
    try {
      const stream = await renderToReadableStream(
        <Page name={name} broken={pathname === '/broken'} />,
        { bootstrapModules: ['/app.js'], onError: () => 'digest' },
      );
      if (searchParams.has('whole')) await stream.allReady;
      return new Response(stream, { headers: { 'content-type': 'text/html' } });
    } catch (error) {
      return new Response(`shell failed: ${(error as Error).message}`, { status: 500 });
    }
  },
};
