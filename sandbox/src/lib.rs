//! A pretend outside world that speaks real protocols over loopback.
