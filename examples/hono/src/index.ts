import { Hono } from 'hono';
import { basicAuth } from 'hono/basic-auth';
import { getCookie, setCookie } from 'hono/cookie';
import { streamText } from 'hono/streaming';

interface Env {
  readonly ADMIN_PASSWORD: string;
}

interface Book {
  readonly title: string;
  readonly year: number;
}

const books: Readonly<Record<string, Book>> = {
  dune: { title: 'Dune', year: 1965 },
  solaris: { title: 'Solaris', year: 1961 },
};

const app = new Hono<{ Bindings: Env }>();

app.get('/', (c) => c.text('Books: /books, /books/dune\n'));

app.get('/books', (c) => c.json(Object.keys(books)));

app.get('/books/:id', (c) => {
  const book = books[c.req.param('id')];
  return book ? c.json(book) : c.json({ error: 'no such book' }, 404);
});

app.post('/books', async (c) => {
  const book = await c.req.json<Book>();
  return c.json({ received: book.title }, 201);
});

// Counts a visitor's visits in a cookie.
app.get('/visits', (c) => {
  const visits = Number(getCookie(c, 'visits') ?? 0) + 1;
  setCookie(c, 'visits', `${visits}`, { path: '/', httpOnly: true });
  return c.text(`visit ${visits}\n`);
});

app.use('/admin/*', (c, next) =>
  basicAuth({ username: 'admin', password: c.env.ADMIN_PASSWORD })(c, next),
);
app.get('/admin/shelf', (c) => c.json({ count: Object.keys(books).length }));

// A line at a time; the client sees each as it is written.
app.get('/countdown', (c) =>
  streamText(c, async (stream) => {
    for (let left = 3; left > 0; left--) {
      await stream.writeln(`${left}`);
      await stream.sleep(20);
    }
    await stream.writeln('lift-off');
  }),
);

export default app;
