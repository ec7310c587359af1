//! An operation as a tree, so that it can be printed and made smaller.

use std::fmt::{self, Write};

use serde_json::{Value, json};

/// Where a request comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    Router,
    Users,
    Products,
    Warehouses,
    Orders,
}

/// What is asked.
#[derive(Clone)]
pub struct Operation {
    pub door: Door,
    pub mutation: bool,
    pub roots: Vec<Node>,
    /// For `_entities`.
    pub representations: Vec<Value>,
}

/// A part of a selection.
#[derive(Clone)]
pub enum Node {
    Field(Asked),
    /// Only on objects of this type: inline, or as a fragment of this name.
    On {
        of: String,
        fragment: Option<String>,
        selection: Vec<Node>,
    },
}

/// A field that is asked for.
#[derive(Clone)]
pub struct Asked {
    pub name: String,
    /// A number makes it another name in the answer: `orders_3: orders`.
    pub alias: Option<u32>,
    pub args: Vec<(String, Arg)>,
    pub selection: Vec<Node>,
    /// Whether the oracle needs it.
    pub kept: bool,
}

/// The value of an argument.
#[derive(Clone, Debug)]
pub enum Arg {
    Null,
    Flag(bool),
    Number(i64),
    Text(String),
    Name(String),
    List(Vec<Arg>),
    Object(Vec<(String, Arg)>),
    Variable(String),
}

/// The name of the field that stands under this key of an answer.
pub fn field_of(key: &str) -> &str {
    match key.rsplit_once('_') {
        Some((name, number)) if number.bytes().all(|sign| sign.is_ascii_digit()) => name,
        _ => key,
    }
}

impl Operation {
    pub fn variables(&self) -> Value {
        if self.representations.is_empty() {
            json!({})
        } else {
            json!({ "them": self.representations })
        }
    }

    /// All that the caller has said.
    pub fn said(&self) -> String {
        format!("{self} {}", self.variables())
    }

    /// The texts in the arguments of a root field.
    pub fn inputs(&self, key: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for root in &self.roots {
            if let Node::Field(asked) = root
                && asked.key() == key
            {
                for (_, arg) in &asked.args {
                    arg.texts(&mut texts);
                }
            }
        }
        texts
    }

    /// Whether one of these is asked for at the root.
    pub fn asks_any(&self, names: &[&str]) -> bool {
        self.roots
            .iter()
            .any(|root| matches!(root, Node::Field(asked) if names.contains(&asked.name.as_str())))
    }

    /// The same operation with one part less, for every part that it can do without.
    pub fn smaller(&self) -> Vec<Self> {
        let mut all = Vec::new();
        for roots in without_one(&self.roots) {
            if !roots.is_empty() {
                all.push(Self {
                    roots,
                    ..self.clone()
                });
            }
        }
        if self.representations.len() > 1 {
            for index in 0..self.representations.len() {
                let mut smaller = self.clone();
                smaller.representations.remove(index);
                all.push(smaller);
            }
        }
        all
    }

    /// How much there is of it.
    pub fn size(&self) -> usize {
        self.said().len()
    }
}

fn without_one(nodes: &[Node]) -> Vec<Vec<Node>> {
    let mut all = Vec::new();
    for (index, node) in nodes.iter().enumerate() {
        let replaced = |by: Option<Node>| {
            let mut nodes = nodes.to_vec();
            match by {
                Some(node) => nodes[index] = node,
                None => {
                    nodes.remove(index);
                }
            }
            nodes
        };
        match node {
            Node::Field(asked) => {
                if !asked.kept {
                    all.push(replaced(None));
                }
                for selection in without_one(&asked.selection) {
                    all.push(replaced(Some(Node::Field(Asked {
                        selection,
                        ..asked.clone()
                    }))));
                }
            }
            Node::On {
                of,
                fragment,
                selection,
            } => {
                all.push(replaced(None));
                for selection in without_one(selection) {
                    all.push(replaced(Some(Node::On {
                        of: of.clone(),
                        fragment: fragment.clone(),
                        selection,
                    })));
                }
            }
        }
    }
    all
}

impl Asked {
    /// Its name in the answer.
    pub fn key(&self) -> String {
        match self.alias {
            Some(number) => format!("{}_{number}", self.name),
            None => self.name.clone(),
        }
    }
}

impl Arg {
    fn texts(&self, texts: &mut Vec<String>) {
        match self {
            Self::Text(text) => texts.push(text.clone()),
            Self::List(args) => args.iter().for_each(|arg| arg.texts(texts)),
            Self::Object(fields) => fields.iter().for_each(|(_, arg)| arg.texts(texts)),
            Self::Null | Self::Flag(_) | Self::Number(_) | Self::Name(_) | Self::Variable(_) => {}
        }
    }
}

impl fmt::Display for Arg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "{}", json!(text)),
            Self::Name(name) => f.write_str(name),
            Self::Variable(name) => write!(f, "${name}"),
            Self::List(args) => {
                f.write_char('[')?;
                for (index, arg) in args.iter().enumerate() {
                    write!(f, "{}{arg}", if index == 0 { "" } else { ", " })?;
                }
                f.write_char(']')
            }
            Self::Object(fields) => {
                f.write_char('{')?;
                for (index, (name, arg)) in fields.iter().enumerate() {
                    write!(f, "{}{name}: {arg}", if index == 0 { "" } else { ", " })?;
                }
                f.write_char('}')
            }
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.mutation { "mutation" } else { "query" })?;
        if !self.representations.is_empty() {
            f.write_str(" ($them: [_Any!]!)")?;
        }
        let mut fragments = String::new();
        selection(f, &self.roots, &mut fragments)?;
        f.write_str(&fragments)
    }
}

fn selection(f: &mut impl Write, nodes: &[Node], fragments: &mut String) -> fmt::Result {
    f.write_str(" {")?;
    for node in nodes {
        f.write_char(' ')?;
        match node {
            Node::Field(asked) => {
                if asked.alias.is_some() {
                    write!(f, "{}: ", asked.key())?;
                }
                f.write_str(&asked.name)?;
                if !asked.args.is_empty() {
                    let args: Vec<_> = asked
                        .args
                        .iter()
                        .map(|(name, arg)| format!("{name}: {arg}"))
                        .collect();
                    write!(f, "({})", args.join(", "))?;
                }
                if !asked.selection.is_empty() {
                    selection(f, &asked.selection, fragments)?;
                }
            }
            Node::On {
                of,
                fragment: None,
                selection: nodes,
            } => {
                write!(f, "... on {of}")?;
                selection(f, nodes, fragments)?;
            }
            Node::On {
                of,
                fragment: Some(name),
                selection: nodes,
            } => {
                write!(f, "...{name}")?;
                let mut definition = format!(" fragment {name} on {of}");
                selection(&mut definition, nodes, fragments)?;
                fragments.push_str(&definition);
            }
        }
    }
    f.write_str(" }")
}
