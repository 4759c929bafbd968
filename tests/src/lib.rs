//! TestApp, builders, end-to-end, fault and conformance tests.
