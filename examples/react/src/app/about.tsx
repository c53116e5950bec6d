export function About() {
  return (
    <>
      <h1>About</h1>
      <p>A page of the app: its address is no file, and answers with the app.</p>
    </>
  );
}
