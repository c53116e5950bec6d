import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { About } from './about.tsx';
import { Notes } from './notes.tsx';
import { Link, usePath } from './path.tsx';

function App() {
  const path = usePath();
  return (
    <>
      <nav>
        <Link to="/">Notes</Link> · <Link to="/about">About</Link>
      </nav>
      {path === '/about' ? <About /> : <Notes />}
    </>
  );
}

const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
