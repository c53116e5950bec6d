export const loader = () => Response.json(['nau', 'bote']);
