//! Prints the schema: `cargo run -p billow-api --example print_schema > schema.graphql`.

fn main() -> std::io::Result<()> {
    use std::io::Write as _;
    std::io::stdout().write_all(billow_api::sdl().as_bytes())
}
