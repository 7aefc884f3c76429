import '@fontsource-variable/inter';
import '@fontsource-variable/jetbrains-mono';
import { createApp } from 'vue';
import App from './App.vue';
import './style/tokens.css';
import './style/parts.css';
import './style/forms.css';

createApp(App).mount('#app');
