//! Commands that pages show, in their `sh` and `console` blocks, taken apart as a shell would.
//!
//! Read by the rule that such commands exist, and by the test that types them
//! (`runtime/node/tests/program/page.rs`), so that both see the same.

/// A line that a page tells its reader to type, with its continuations.
#[derive(Debug)]
pub(crate) struct Typed {
    /// The line where it ends, counted from 1.
    pub(crate) line: usize,
    /// The line.
    pub(crate) text: String,
}

/// Every line to be typed: all of a `sh` block; of a `console` block those after `$ `.
pub(crate) fn typed(page: &str) -> Vec<Typed> {
    let (mut found, mut language, mut begun) = (Vec::new(), "", String::new());
    for (line, text) in (1..).zip(page.lines()) {
        if let Some(tag) = text.trim().strip_prefix("```") {
            language = match language {
                "" if tag.is_empty() => "text",
                "" => tag,
                _ => "",
            };
            continue;
        }
        let typed = match language {
            "sh" => Some(text),
            "console" if begun.is_empty() => text.strip_prefix("$ "),
            "console" => Some(text),
            _ => None,
        };
        let Some(typed) = typed else { continue };
        begun.push_str(typed.trim_end_matches('\\'));
        if !typed.ends_with('\\') {
            let text = std::mem::take(&mut begun);
            found.push(Typed { line, text });
        }
    }
    found
}

/// Words of each command of a line; quotes hold words together, a comment ends the line.
pub(crate) fn commands(line: &str) -> Vec<Vec<String>> {
    let (mut all, mut words, mut word, mut quote) = (Vec::new(), Vec::new(), String::new(), None);
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(mark), _) if character == mark => quote = None,
            (Some(_), _) => word.push(character),
            (None, '"' | '\'') => quote = Some(character),
            (None, '#') if word.is_empty() => break,
            (None, '|' | ';' | '&') => {
                characters.next_if_eq(&character);
                words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty()));
                all.push(std::mem::take(&mut words));
            }
            (None, ' ') => {
                words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty()))
            }
            (None, _) => word.push(character),
        }
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    all.push(words);
    // Settings of the environment before a command are not the command.
    for words in &mut all {
        let named = |word: &String| {
            word.split_once('=').is_some_and(|(name, _)| {
                !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
            })
        };
        while words.first().is_some_and(named) {
            words.remove(0);
        }
    }
    all.retain(|words| !words.is_empty());
    all
}
