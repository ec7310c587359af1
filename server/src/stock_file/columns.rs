//! The columns of a stock file, and what stands in them.

use std::num::IntErrorKind;

use csv::StringRecord;
use stockgraph_kit::id::{Id, ProductId};
use stockgraph_warehouses::domain::{import::LevelChange, violation::Violation};

use super::{ProductName, StockLine};

const KNOWN: [&str; 6] = ["warehouse", "sku", "product", "kind", "quantity", "reason"];

/// Where which column is.
pub(super) struct Columns {
    count: usize,
    warehouse: usize,
    product: ProductColumn,
    kind: Option<usize>,
    quantity: usize,
    reason: Option<usize>,
}

enum ProductColumn {
    Sku(usize),
    Id(usize),
}

impl Columns {
    /// The columns with these names, or what is wrong with the names.
    pub(super) fn of(names: &StringRecord) -> Result<Self, Vec<String>> {
        let names: Vec<String> = names
            .iter()
            .map(|name| name.trim().to_ascii_lowercase())
            .collect();
        let place = |wanted: &str| names.iter().position(|name| name == wanted);
        let mut errors = wrong_names(&names);
        let product = match (place("sku"), place("product")) {
            (Some(sku), None) => Some(ProductColumn::Sku(sku)),
            (None, Some(id)) => Some(ProductColumn::Id(id)),
            (Some(_), Some(_)) => {
                errors.push("there are columns for `sku` and for `product`: keep one".to_owned());
                None
            }
            (None, None) => {
                errors.push("there is no column `sku`, and none `product` instead".to_owned());
                None
            }
        };
        for needed in ["warehouse", "quantity"] {
            if place(needed).is_none() {
                errors.push(format!("there is no column `{needed}`"));
            }
        }
        match (place("warehouse"), product, place("quantity")) {
            (Some(warehouse), Some(product), Some(quantity)) if errors.is_empty() => Ok(Self {
                count: names.len(),
                warehouse,
                product,
                kind: place("kind"),
                quantity,
                reason: place("reason"),
            }),
            _ => Err(errors),
        }
    }

    /// What a line says, or all that is wrong with it.
    pub(super) fn line(
        &self,
        number: u64,
        fields: &StringRecord,
    ) -> Result<StockLine, Vec<String>> {
        if fields.len() != self.count {
            return Err(vec![format!(
                "it has {} fields where the first line names {} columns",
                fields.len(),
                self.count
            )]);
        }
        let field = |place: usize| fields[place].trim();
        let mut errors = Vec::new();
        let warehouse = field(self.warehouse);
        if warehouse.is_empty() {
            errors.push("there is no warehouse".to_owned());
        }
        let product = self.product(&field).map_err(|error| errors.push(error));
        let change = self.change(&field).map_err(|broken| errors.extend(broken));
        match (product, change) {
            (Ok(product), Ok(change)) if errors.is_empty() => Ok(StockLine {
                number,
                warehouse: warehouse.to_owned(),
                product,
                change,
            }),
            _ => Err(errors),
        }
    }

    fn product<'f>(&self, field: &impl Fn(usize) -> &'f str) -> Result<ProductName, String> {
        match self.product {
            ProductColumn::Sku(place) if field(place).is_empty() => {
                Err("there is no SKU".to_owned())
            }
            ProductColumn::Sku(place) => Ok(ProductName::Sku(field(place).to_owned())),
            ProductColumn::Id(place) => ProductId::parse(field(place))
                .map(ProductName::Id)
                .map_err(|error| error.to_string()),
        }
    }

    fn change<'f>(&self, field: &impl Fn(usize) -> &'f str) -> Result<LevelChange, Vec<String>> {
        let kind = self.kind.map_or("receipt", field);
        let book = if kind.eq_ignore_ascii_case("receipt") {
            LevelChange::receipt
        } else if kind.eq_ignore_ascii_case("adjustment") {
            LevelChange::adjustment
        } else {
            let kind = shown(kind);
            return Err(vec![format!(
                "the kind is `receipt` or `adjustment`, not `{kind}`"
            )]);
        };
        let quantity = whole_number(field(self.quantity)).map_err(|error| vec![error])?;
        book(quantity, self.reason.map(field)).map_err(|broken| {
            let told = |rule: Violation| format!("{}: {}", rule.field.join("."), rule.message);
            broken.into_iter().map(told).collect()
        })
    }
}

fn wrong_names(names: &[String]) -> Vec<String> {
    let mut errors = Vec::new();
    for (place, name) in names.iter().enumerate() {
        if !KNOWN.contains(&name.as_str()) {
            let known = KNOWN.join(", ");
            let name = shown(name);
            errors.push(format!(
                "there is no column `{name}`: the columns are {known}"
            ));
        } else if names[..place].contains(name) {
            errors.push(format!("the column `{name}` is there twice"));
        }
    }
    if let [only] = names
        && only.contains([';', '\t'])
    {
        errors.push("the fields are separated by commas, not by semicolons or tabs".to_owned());
    }
    errors
}

fn whole_number(text: &str) -> Result<i32, String> {
    text.parse().map_err(|error: std::num::ParseIntError| {
        let text = shown(text);
        match error.kind() {
            IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => {
                format!("quantity: {text} is far out of range")
            }
            _ => format!("quantity: `{text}` is not a whole number in plain digits"),
        }
    })
}

/// As much of a text as a message repeats.
pub(super) fn shown(text: &str) -> String {
    const MOST: usize = 64;
    text.chars().take(MOST).collect()
}
