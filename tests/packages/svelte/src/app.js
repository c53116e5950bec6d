import { render } from 'svelte/server';
import App from './App.svelte';

export default (props) => render(App, { props });
