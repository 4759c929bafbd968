import {
  Card,
  type CSSVariablesResolver,
  createTheme,
  type MantineColorsTuple,
  NativeSelect,
  Paper,
  Skeleton,
} from '@mantine/core';

const tide: MantineColorsTuple = [
  '#e8f6f8',
  '#d3eaee',
  '#a6d4dc',
  '#76bdca',
  '#50abbb',
  '#379fb2',
  '#2399ae',
  '#0f7186',
  '#0c5e70',
  '#0a4755',
];

const coral: MantineColorsTuple = [
  '#fff0ee',
  '#fbdfdb',
  '#f2bcb5',
  '#e9978c',
  '#e27769',
  '#de6353',
  '#dc5847',
  '#b83a2a',
  '#a33225',
  '#8f271b',
];

const dark: MantineColorsTuple = [
  '#d3d9df',
  '#aeb7c0',
  '#87929d',
  '#5c6773',
  '#39434d',
  '#2b343d',
  '#1c242c',
  '#151b22',
  '#10151b',
  '#0b0f14',
];

export const theme = createTheme({
  primaryColor: 'tide',
  primaryShade: { light: 7, dark: 7 },
  colors: { tide, coral, dark },
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
  headings: {
    fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
    fontWeight: '650',
    sizes: {
      h1: { fontSize: '1.625rem', lineHeight: '1.25' },
      h2: { fontSize: '1.125rem', lineHeight: '1.35' },
      h3: { fontSize: '1rem' },
    },
  },
  defaultRadius: 'md',
  radius: { md: '10px', lg: '16px' },
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
  components: {
    Badge: { defaultProps: { tt: 'none' } },
    Card: Card.extend({ defaultProps: { radius: 'lg', withBorder: true, padding: 'md' } }),
    Paper: Paper.extend({ defaultProps: { radius: 'lg' } }),
    Skeleton: Skeleton.extend({ defaultProps: { radius: 'md' } }),
    NativeSelect: NativeSelect.extend({ defaultProps: { size: 'md' } }),
    TextInput: { defaultProps: { size: 'md' } },
    PasswordInput: { defaultProps: { size: 'md' } },
    Button: { defaultProps: { size: 'md' } },
  },
});

export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#f5f7fa',
    '--mantine-color-dimmed': '#5b6773',
    '--mantine-color-default-border': '#e1e6ec',
    '--mantine-color-error': '#b83a2a',
    '--mantine-color-teal-light-color': '#055c42',
    '--mantine-color-orange-light-color': '#8a3a0c',
    '--mantine-color-gray-light-color': '#3d4750',
    '--bw-surface': '#ffffff',
    '--bw-raised': '0 1px 2px rgb(16 42 54 / 5%), 0 4px 16px rgb(16 42 54 / 4%)',
    '--bw-hero': 'linear-gradient(135deg, #0a4755 0%, #0f7186 100%)',
    '--bw-new': '#e8f6f8',
  },
  dark: {
    '--mantine-color-body': '#10151b',
    '--mantine-color-dimmed': '#9aa5b1',
    '--mantine-color-default-border': '#2b343d',
    '--mantine-color-error': '#e9978c',
    '--mantine-color-tide-light': 'rgb(80 171 187 / 18%)',
    '--mantine-color-tide-light-hover': 'rgb(80 171 187 / 26%)',
    '--mantine-color-tide-light-color': '#a6d4dc',
    '--mantine-color-coral-light': 'rgb(226 119 105 / 18%)',
    '--mantine-color-coral-light-hover': 'rgb(226 119 105 / 26%)',
    '--mantine-color-coral-light-color': '#f2bcb5',
    '--bw-surface': '#171e26',
    '--bw-raised': 'none',
    '--bw-hero': 'linear-gradient(135deg, #0a3843 0%, #0c5e70 100%)',
    '--bw-new': '#12303a',
  },
});
