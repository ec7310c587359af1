//! Prints type definitions as SDL that people can read and compare.

use std::fmt::Write as _;

/// Longer lines are broken.
const LINE_WIDTH: usize = 120;

/// A type definition, its directives already written.
#[derive(Debug, Default)]
pub(in crate::composition) struct Definition {
    pub description: Option<String>,
    /// `type`, `enum`, …
    pub keyword: &'static str,
    pub name: String,
    pub implements: Vec<String>,
    pub directives: Vec<String>,
    pub members: Vec<String>,
    /// Fields or enum values.
    pub items: Vec<Item>,
}

/// A field, input field or enum value.
#[derive(Debug, Default)]
pub(in crate::composition) struct Item {
    pub description: Option<String>,
    pub name: String,
    pub arguments: Vec<Input>,
    /// None for enum values.
    pub ty: Option<String>,
    pub default: Option<String>,
    pub directives: Vec<String>,
}

/// An argument.
#[derive(Debug, Default)]
pub(in crate::composition) struct Input {
    pub description: Option<String>,
    pub name: String,
    pub ty: String,
    pub default: Option<String>,
    pub directives: Vec<String>,
}

impl Definition {
    pub fn print(&self, sdl: &mut String) {
        print_description(sdl, "", self.description.as_deref());
        let mut head = format!("{} {}", self.keyword, self.name);
        if !self.implements.is_empty() {
            head += " implements ";
            head += &self.implements.join(" & ");
        }
        let one_line = self.directives.is_empty()
            || (self.directives.len() == 1 && !self.directives[0].contains("join__"));
        sdl.push_str(&head);
        for directive in &self.directives {
            sdl.push_str(if one_line { " " } else { "\n  " });
            sdl.push_str(directive);
        }
        if !self.members.is_empty() {
            let joined = self.members.join(" | ");
            if one_line && head.len() + joined.len() < LINE_WIDTH {
                _ = write!(sdl, " = {joined}");
            } else if joined.len() < LINE_WIDTH {
                _ = write!(sdl, "\n  = {joined}");
            } else {
                sdl.push_str("\n  =");
                for member in &self.members {
                    _ = write!(sdl, "\n  | {member}");
                }
            }
        }
        if !self.items.is_empty() {
            // A brace of its own tells the long head from the fields.
            sdl.push_str(if one_line { " {\n" } else { "\n{\n" });
            for item in &self.items {
                item.print(sdl);
            }
            sdl.push('}');
        }
        sdl.push('\n');
    }
}

impl Item {
    fn print(&self, sdl: &mut String) {
        print_description(sdl, "  ", self.description.as_deref());
        _ = write!(sdl, "  {}", self.name);
        self.print_arguments(sdl);
        if let Some(ty) = &self.ty {
            _ = write!(sdl, ": {ty}");
        }
        if let Some(default) = &self.default {
            _ = write!(sdl, " = {default}");
        }
        print_directives(sdl, &self.directives, "    ");
        sdl.push('\n');
    }

    fn print_arguments(&self, sdl: &mut String) {
        if self.arguments.is_empty() {
            return;
        }
        let printed: Vec<String> = self.arguments.iter().map(Input::print).collect();
        let one_line = format!("({})", printed.join(", "));
        let described = self
            .arguments
            .iter()
            .any(|argument| argument.description.is_some());
        if !described
            && self.name.len() + one_line.len() + self.ty.as_ref().map_or(0, String::len)
                < LINE_WIDTH - 4
        {
            sdl.push_str(&one_line);
            return;
        }
        sdl.push_str("(\n");
        for (argument, printed) in self.arguments.iter().zip(&printed) {
            print_description(sdl, "    ", argument.description.as_deref());
            _ = writeln!(sdl, "    {printed}");
        }
        sdl.push_str("  )");
    }
}

impl Input {
    pub fn print(&self) -> String {
        let mut text = format!("{}: {}", self.name, self.ty);
        if let Some(default) = &self.default {
            _ = write!(text, " = {default}");
        }
        for directive in &self.directives {
            _ = write!(text, " {directive}");
        }
        text
    }
}

/// On the same line where they fit, otherwise one to a line.
fn print_directives(sdl: &mut String, directives: &[String], indent: &str) {
    let start = sdl.rfind('\n').map_or(0, |newline| newline + 1);
    let width: usize = directives.iter().map(|directive| directive.len() + 1).sum();
    let fits = sdl.len() - start + width <= LINE_WIDTH;
    for directive in directives {
        if fits {
            sdl.push(' ');
        } else {
            sdl.push('\n');
            sdl.push_str(indent);
        }
        sdl.push_str(directive);
    }
}

fn print_description(sdl: &mut String, indent: &str, description: Option<&str>) {
    let Some(text) = description else { return };
    if !survives_as_block(text) {
        _ = writeln!(sdl, "{indent}{}", quote(text));
        return;
    }
    let escaped = text.replace("\"\"\"", "\\\"\"\"");
    let short = !text.contains('\n')
        && indent.len() + escaped.len() + 6 <= LINE_WIDTH
        && !text.ends_with(['"', '\\']);
    if short {
        _ = writeln!(sdl, "{indent}\"\"\"{escaped}\"\"\"");
        return;
    }
    _ = writeln!(sdl, "{indent}\"\"\"");
    for line in escaped.split('\n') {
        let line = if line.is_empty() {
            String::new()
        } else {
            format!("{indent}{line}")
        };
        _ = writeln!(sdl, "{line}");
    }
    _ = writeln!(sdl, "{indent}\"\"\"");
}

/// Whether a block string gives back the very text: it drops common indentation, blank first and last lines, and has no
/// escapes for what cannot be printed.
fn survives_as_block(text: &str) -> bool {
    let blank = |line: Option<&str>| line.is_none_or(|line| line.trim().is_empty());
    !blank(text.split('\n').next())
        && !blank(text.split('\n').next_back())
        && !text.starts_with([' ', '\t'])
        && !text.contains(|char: char| char.is_control() && char != '\n' && char != '\t')
}

/// A string literal.
pub(in crate::composition) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for char in text.chars() {
        match char {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            char if char.is_control() => _ = write!(quoted, "\\u{:04X}", u32::from(char)),
            char => quoted.push(char),
        }
    }
    quoted.push('"');
    quoted
}
