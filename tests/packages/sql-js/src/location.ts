// sql.js takes what has WorkerGlobalScope for a browser's worker and asks for its
// location, which Workers do not have.
Object.assign(globalThis, { location: new URL('https://ships.test/') });
