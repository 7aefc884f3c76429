export function isolated(preload: (require: (name: string) => unknown) => void): void;
export function main(): void;
