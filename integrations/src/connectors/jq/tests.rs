use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::program::MAX_PROGRAM_BYTES;
use super::{Jq, JqFault};

async fn run_with(jq: &Arc<Jq>, program: &str, input: Value) -> Result<Option<Value>, JqFault> {
    jq.run(program, Arc::new(input)).await
}

#[tokio::test]
async fn programs_compute_what_jq_computes() {
    let jq = Jq::new();
    let table = [
        (".", json!({"a": [1, "x", null]}), json!({"a": [1, "x", null]})),
        (".a.b", json!({"a": {"b": 7}}), json!(7)),
        (".[1:3]", json!([1, 2, 3, 4]), json!([2, 3])),
        (".[-1]", json!([1, 2, 3]), json!(3)),
        (".[2:4]", json!("añbcd"), json!("bc")),
        (
            "[.[] | select(.due) | {n: .id, total: (.amount * 100 | round)}]",
            json!([{"id": "a", "due": true, "amount": 12.35}, {"id": "b"}]),
            json!([{"n": "a", "total": 1235}]),
        ),
        ("map(.x) | add", json!([{"x": 1}, {"x": 2}]), json!(3)),
        ("to_entries | map(.key) | join(\"-\")", json!({"b": 1, "a": 2}), json!("b-a")),
        (".a |= . + 1 | del(.b) | .c = 3 | .d.e = 4", json!({"a": 1, "b": 2}), json!({"a": 2, "c": 3, "d": {"e": 4}})),
        ("[limit(3; repeat(1))]", json!(null), json!([1, 1, 1])),
        ("[range(0; 10; 3)]", json!(null), json!([0, 3, 6, 9])),
        ("sort_by(.n) | map(.n)", json!([{"n": 3}, {"n": 1}, {"n": 2}]), json!([1, 2, 3])),
        ("group_by(.k) | map(length)", json!([{"k": 1}, {"k": 2}, {"k": 1}]), json!([2, 1])),
        ("reduce .[] as $x (0; . + $x)", json!([1, 2, 3.5]), json!(6.5)),
        ("try error(\"no\") catch .", json!(null), json!("no")),
        (".x // \"none\"", json!({}), json!("none")),
        ("if . > 1 then \"many\" else \"few\" end", json!(2), json!("many")),
        ("split(\", \")", json!("a, b"), json!(["a", "b"])),
        ("capture(\"(?<d>[0-9]{2})/(?<m>[0-9]{2})/(?<y>[0-9]{4})\") | \"\\(.y)-\\(.m)-\\(.d)\"", json!("31/12/2026"), json!("2026-12-31")),
        ("gsub(\"[^0-9.]\"; \"\") | tonumber", json!("Rs 1,234.50"), json!(1234.5)),
        ("[scan(\"[a-z]+\")]", json!("ab 1 cd"), json!(["ab", "cd"])),
        ("test(\"^BILL\"; \"i\")", json!("bill-1"), json!(true)),
        ("date(\"%d/%m/%Y\")", json!("05/12/2026"), json!("2026-12-05")),
        ("arr", json!(null), json!([])),
        ("arr", json!({"a": 1}), json!([{"a": 1}])),
        ("arr", json!([1]), json!([1])),
        ("tojson | fromjson", json!({"a": [1, 2.5, "ü"]}), json!({"a": [1, 2.5, "ü"]})),
        ("@uri", json!("a b&c"), json!("a%20b%26c")),
        ("@base64", json!("user:pass"), json!("dXNlcjpwYXNz")),
        ("ascii_downcase | ltrimstr(\"x\") | startswith(\"a\")", json!("XAB"), json!(true)),
        ("[paths]", json!({"a": [1]}), json!([["a"], ["a", 0]])),
        ("walk(if type == \"string\" then ascii_upcase else . end)", json!({"a": ["x"]}), json!({"a": ["X"]})),
        ("[.[] | tostring]", json!([1, "a", [2], null]), json!(["1", "a", "[2]", "null"])),
        ("unique", json!([2, 1, 2]), json!([1, 2])),
        ("{a: 1} * {a: {b: 2}} * {a: {c: 3}}", json!(null), json!({"a": {"b": 2, "c": 3}})),
        ("[.[] as {a: $x} | $x]", json!([{"a": 1}]), json!([1])),
        ("any(.[]; . == 2), empty", json!([1, 2]), json!(true)),
        ("has(\"a\") and (keys == [\"a\"]) and (contains({a: \"b\"}))", json!({"a": "abc"}), json!(true)),
        ("length", json!("añ"), json!(2)),
        ("[indices(\"a\")[]] | index(0)", json!("banana"), json!(null)),
        ("(\"2026-11-21T09:00:00Z\" | fromdate) | todate", json!(null), json!("2026-11-21T09:00:00Z")),
        ("isnan", json!(1), json!(false)),
        ("[0 / 0, 1] | sort | length", json!(null), json!(2)),
    ];
    for (program, input, expected) in table {
        assert_eq!(run_with(&jq, program, input).await, Ok(Some(expected)), "{program}");
    }
    assert_eq!(run_with(&jq, "empty", json!(1)).await, Ok(None));
}

#[tokio::test]
async fn amounts_are_exact() {
    let jq = Jq::new();
    let table = [
        ("0.1 + 0.2", json!(null), json!(0.3)),
        (". * 100", json!(1.15), json!(115)),
        (". * 100", json!(4.35), json!(435)),
        ("(. / 100) | tostring", json!(123_456), json!("1234.56")),
        ("tonumber | tostring", json!("12.30"), json!("12.30")),
        (". - 0.01", json!(9_007_199_254_740_993i64), json!(9_007_199_254_740_992.99)),
        ("[.[] * 3] | add", json!([0.1, 0.2]), json!(0.9)),
        (". % 7", json!(-15), json!(-1)),
        ("-. | length", json!(12.5), json!(12.5)),
        ("18446744073709551615", json!(null), json!(18_446_744_073_709_551_615u64)),
        (". == 1.50", json!("1.5"), json!(false)),
        (". == 1.50", json!(1.5), json!(true)),
    ];
    for (program, input, expected) in table {
        assert_eq!(run_with(&jq, program, input).await, Ok(Some(expected)), "{program}");
    }
}

#[tokio::test]
async fn programs_that_would_never_end_are_stopped() {
    let jq = Jq::new();
    let table = [
        ("def f: f; f", "stopped"),
        ("repeat(empty)", "stopped"),
        ("def f(g): f(g | .); f(.)", "stopped"),
        ("last(repeat(1))", "stopped"),
        ("until(false; .)", "stopped"),
        ("[range(1000000000000)]", "stopped"),
        ("last(range(1e18))", "stopped"),
        ("first(range(1e18) | select(. < 0))", "stopped"),
        ("[limit(1000000000; repeat(\"abcdefgh\"))]", "stopped"),
        ("label $out | foreach repeat(1) as $i (0; . + $i; empty)", "stopped"),
        ("def f: 1 + f; f", "too deeply"),
        ("def f: [f]; f", "too deeply"),
        ("def f: try f catch f; f", "stopped"),
        ("def f: def g: f; g | g; f", "too deeply"),
        ("\"x\" * 1000000000000", "longer than 16 MiB"),
        ("reduce range(60) as $i (\"x\"; . + .)", "longer than 16 MiB"),
        ("reduce range(60) as $i (\"x\"; \"\\(.)\\(.)\")", "longer than 16 MiB"),
        ("reduce range(60) as $i ([0]; . + .)", "memory"),
        ("reduce range(80) as $i (\"ab\"; @base64)", "longer than 16 MiB"),
        ("reduce range(60) as $i ([0]; [., .]) | tojson", "stopped"),
        ("reduce range(60) as $i ([0]; [., .]) | . == (. | map(.))", "stopped"),
        ("reduce range(60) as $i ([0]; [., .])", "larger than 4 MiB"),
        ("reduce range(60) as $i ([0]; [., .]) | flatten", "stopped"),
        ("reduce range(60) as $i ([0]; [., .]) | [..] | length", "stopped"),
        ("reduce range(60) as $i ({}; {a: ., b: .}) | [paths] | length", "stopped"),
        ("reduce range(100000) as $i (0; [.])", "nested deeper"),
        ("reduce range(100000) as $i (0; {a: .})", "nested deeper"),
        ("[[range(100)] | combinations(100)]", "stopped"),
        ("\"a\" * 200000 | test(\"(a*)*b\")", "false"),
        ("test(\"((a{100}){100}){100}\")", "cannot be used"),
        ("\"a\" * 300000 | test(\"a\")", "at most"),
        ("\"a\" * 5000000", "larger than 4 MiB"),
        ("def f(g): f(g, g); f(.)", "stopped"),
        ("def f($x): f([$x]); f(1)", "nested deeper"),
        ("def f(g): def h: g; f(h); f(.)", "stopped"),
        ("def f: label $x | f; f", "stopped"),
        ("def f: . as $x | f; f", "stopped"),
        ("def f: (f | .) // 1; f", "too deeply"),
        ("def f: if f then 1 else 2 end; f", "too deeply"),
        ("def f: {a: f}; f", "too deeply"),
        ("def f: \"\\(f)\"; f", "too deeply"),
        ("def f: reduce f as $x (0; 1); f", "too deeply"),
        ("def f: path(f); f", "invalid path"),
        ("def f: .[f]; f", "too deeply"),
        ("def f: f |= 1; f", "invalid path"),
        ("[1] | last(path(repeat(.)))", "stopped"),
        ("[1] | (repeat(.)) |= 1", "stopped"),
        ("null | getpath([range(20000) | \"a\"])", "null"),
        ("reduce range(20000) as $i ([]; . + [$i]) | length", "20000"),
        ("[range(20000)] | sort_by(-.) | group_by(. % 7) | map(length) | add", "20000"),
        ("[range(300000)] | map(tostring) | join(\",\") | length", "stopped"),
        ("jn(2000000000; 1.5)", "there is no function"),
        ("[1e300 | todate]", ""),
        ("[-1e18, 1e10] | implode", "as character"),
        ("\"a\" | ltrimstr(1)", "string"),
        ("error", "not an object"),
        ("1, 2", "more than one value"),
        (".a.b.c", "cannot index"),
        ("{(1): 2}", "name of a field"),
    ];
    let began = Instant::now();
    let mut wrong = Vec::new();
    for (program, words) in table {
        match run_with(&jq, program, json!("not an object")).await {
            Err(JqFault::Program(message)) if message.contains(words) => {}
            // A few are only slow.
            Ok(Some(value)) if format!("{value}") == words => {}
            other => wrong.push((program, words, other)),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(began.elapsed() < Duration::from_secs(120), "took {:?}", began.elapsed());
    // Nothing was left running: as many programs as there are threads still get one each.
    let fine = futures::future::join_all((0..32).map(|n| run_with(&jq, ". + 1", json!(n)))).await;
    assert!(fine.into_iter().enumerate().all(|(n, result)| result == Ok(Some(json!(n + 1)))));
}

#[tokio::test]
async fn programs_see_nothing_but_their_input() {
    let jq = Jq::new();
    for program in [
        "env",
        "$ENV",
        "$ENV.PATH",
        "now",
        "input",
        "[inputs]",
        "debug",
        "debug(\"x\")",
        "stderr",
        "halt",
        "halt_error",
        "input_line_number",
        "localtime",
        "strflocaltime(\"%c\")",
        "import \"a\" as a; a::b",
        "include \"a\"; .",
        "$__prog_args",
        "get_search_list",
        "input_filename",
    ] {
        let problem = jq.check(program).expect_err(program);
        assert!(problem.contains("there is no") || problem.contains("cannot be imported"), "{program}: {problem}");
    }
}

#[test]
fn what_does_not_compile_says_where() {
    let jq = Jq::new();
    for (program, words) in [
        ("", "the program is empty"),
        ("{a: .b", "closing brace"),
        (".a |\n  | .b", "line 2, column 3"),
        (".a | foo(1)", "line 1, column 6: there is no function 'foo'"),
        (".a | $x", "there is no variable '$x'"),
        ("\"\\q\"", "string escape"),
    ] {
        let problem = jq.check(program).expect_err(program);
        assert!(problem.contains(words), "{program}: {problem}");
    }
    assert!(jq.check(&format!("\"{}\"", "x".repeat(MAX_PROGRAM_BYTES))).is_err_and(|p| p.contains("at most 16384")));
}

#[test]
fn texts_made_to_hurt_the_reader_do_not() {
    let jq = Jq::new();
    let full = |unit: &str, last: &str| unit.repeat((MAX_PROGRAM_BYTES - last.len()) / unit.len()) + last;
    for program in [
        full("[", ""),
        full("(", ""),
        full("{a:", ""),
        full("-", "1"),
        full("1|", "1"),
        full("1,", "1"),
        full("1+", "1"),
        full("try ", "1"),
        full("if 1 then ", "1"),
        full("def f: ", "1"),
        full("def f: 1; ", "1"),
        full("1 as $x|", "1"),
        full("reduce ", "1"),
        full(".[0]", ""),
        full(".a", ""),
        full("1//", "1"),
        full("label $x|", "1"),
        full("\"\\(", ""),
        full("..|", "."),
        full(".a=", "1"),
        full("?", ""),
    ] {
        // Either is fine; what matters is that the answer comes.
        let _ = jq.check(&program);
    }
}
