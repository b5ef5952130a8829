// Reads lines of a name of a type, a tab and a text in hexadecimal digits. For each it writes "=" and the value as
// wasm-wave writes it, in such digits, or "!" where the text is no value of the type. The types are those of the first
// interface in the WIT file that the argument names.
use std::io::{BufRead, Write};
use wasm_wave::value::{resolve_wit_type, Type, Value};

fn main() {
    let path = std::env::args().nth(1).expect("usage: wave-oracle types.wit");
    let text = std::fs::read_to_string(&path).expect("the file can be read");
    let mut resolve = wit_parser::Resolve::default();
    resolve.all_features = true;
    let package = resolve.push_str(&path, &text).expect("the file is WIT");
    let interface = *resolve.packages[package].interfaces.values().next().expect("an interface");

    let mut out = std::io::BufWriter::new(std::io::stdout());
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("lines of text");
        let (name, digits) = line.split_once('\t').expect("a tab in the line");
        let id = resolve.interfaces[interface].types.get(name).expect(name);
        let of = resolve_wit_type(&resolve, *id).expect("a type that wasm-wave has");
        match answer(&of, digits) {
            Some(text) => writeln!(out, "={}", hex(&text)).unwrap(),
            None => writeln!(out, "!").unwrap(),
        }
    }
}

fn answer(of: &Type, digits: &str) -> Option<String> {
    let text = String::from_utf8(unhex(digits)).ok()?;
    let value: Value = wasm_wave::from_str(of, &text).ok()?;
    Some(wasm_wave::to_string(&value).expect("a value that was read can be written"))
}

fn hex(text: &str) -> String {
    text.bytes().map(|b| format!("{b:02x}")).collect()
}

fn unhex(digits: &str) -> Vec<u8> {
    (0..digits.len()).step_by(2).map(|i| u8::from_str_radix(&digits[i..i + 2], 16).expect("digits")).collect()
}
