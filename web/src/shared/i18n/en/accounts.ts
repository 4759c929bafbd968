export const accounts = {
  checked: 'checked {{when}}',
} as const;
