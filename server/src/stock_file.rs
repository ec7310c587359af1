//! A file of receipts and adjustments: CSV with a line of names first, as `stockgraph import stock --help` describes it.
//!
//! Everything that is wrong with it is told together, each with the number of its line.

mod columns;
mod errors;
mod lookup;

use csv::{ByteRecord, ReaderBuilder, StringRecord};
use stockgraph_kit::id::ProductId;
use stockgraph_warehouses::domain::import::{LevelChange, MOST_IMPORTED};

use self::columns::Columns;
pub use self::{errors::LineErrors, lookup::look_up};

/// The largest file, in bytes: several times what the most lines need.
pub const MOST_BYTES: usize = 64 << 20;

/// What UTF-8 files of some programs begin with.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// What a file says, whether all of it makes sense or not.
#[derive(Debug, Default)]
pub struct StockFile {
    /// The lines that make sense by themselves, in their order.
    pub lines: Vec<StockLine>,
    /// What is wrong with the others.
    pub errors: LineErrors,
}

/// A line that makes sense by itself. Whether there is such a warehouse and such a product is not known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockLine {
    /// The number of the line in the file, from 1.
    pub number: u64,
    /// The code of a warehouse, or its id.
    pub warehouse: String,
    /// Of what.
    pub product: ProductName,
    /// What happens.
    pub change: LevelChange,
}

/// How a line names its product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProductName {
    /// By its SKU.
    Sku(String),
    /// By its id.
    Id(ProductId),
}

impl StockFile {
    /// Reads the bytes of a file.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        let mut file = Self::default();
        let mut records = Records::new(bytes);
        let Some(header) = records.next() else {
            file.errors
                .add(1, "the file is empty; its first line names the columns");
            return file;
        };
        let columns = header.text.and_then(|names| Columns::of(&names));
        let columns = match columns {
            Ok(columns) => columns,
            Err(errors) => {
                file.errors.extend(header.number, errors);
                return file;
            }
        };
        for record in records {
            if file.lines.len() == MOST_IMPORTED {
                let message = format!("the file has more than {MOST_IMPORTED} lines");
                file.errors.add(record.number, message);
                break;
            }
            match record
                .text
                .and_then(|fields| columns.line(record.number, &fields))
            {
                Ok(line) => file.lines.push(line),
                Err(errors) => file.errors.extend(record.number, errors),
            }
        }
        if file.lines.is_empty() && file.errors.is_empty() {
            file.errors.add(
                header.number,
                "nothing follows the line that names the columns",
            );
        }
        file
    }
}

/// The lines of a file that are not blank, with their numbers.
struct Records<'a> {
    bytes: &'a [u8],
    reader: csv::Reader<&'a [u8]>,
    /// How far the line breaks have been counted, and which line that is.
    counted: usize,
    number: u64,
}

struct Record {
    number: u64,
    text: Result<StringRecord, Vec<String>>,
}

impl<'a> Records<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(bytes);
        Self {
            bytes,
            reader,
            counted: 0,
            number: 1,
        }
    }

    /// The number of the line that a record at `offset` begins on. The reader's own count is that of the first of the blank lines
    /// before it.
    fn line_of(&mut self, offset: usize) -> u64 {
        let is_break = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let rest = self.bytes.get(offset..).unwrap_or_default();
        let start = offset + rest.iter().take_while(|byte| is_break(byte)).count();
        while self.counted < start {
            let two = (self.bytes[self.counted], self.bytes.get(self.counted + 1));
            // CR LF is one break, which its second half counts for.
            if two.0 == b'\n' || two.0 == b'\r' && two.1 != Some(&b'\n') {
                self.number += 1;
            }
            self.counted += 1;
        }
        self.number
    }
}

impl Iterator for Records<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        loop {
            let offset = usize::try_from(self.reader.position().byte()).unwrap_or(usize::MAX);
            let mut record = ByteRecord::new();
            // Bytes in memory can be read, and every sequence of them is some record.
            if !self.reader.read_byte_record(&mut record).unwrap_or(false) {
                return None;
            }
            let number = self.line_of(offset);
            // Spreadsheets leave lines of nothing but commas behind.
            if record.iter().all(<[u8]>::is_empty) {
                continue;
            }
            let text = StringRecord::from_byte_record(record)
                .map_err(|_| vec!["it is not UTF-8".to_owned()])
                .and_then(plain);
            return Some(Record { number, text });
        }
    }
}

/// The record, if it has nothing in it that has no place in a line.
fn plain(record: StringRecord) -> Result<StringRecord, Vec<String>> {
    let has = |wrong: fn(char) -> bool| record.iter().any(|field| field.contains(wrong));
    let message = if has(|c| matches!(c, '\r' | '\n')) {
        "a field goes on in the next line: is a closing quotation mark missing?"
    } else if has(|c| c.is_control() && c != '\t') {
        "it has a control character in it"
    } else {
        return Ok(record);
    };
    Err(vec![message.to_owned()])
}

#[cfg(test)]
mod tests;
