//! Which warehouses and products the lines of a stock file are about.

use std::collections::{BTreeSet, HashMap, HashSet};

use stockgraph_kit::id::ProductId;
use stockgraph_products::service::Catalogue;
use stockgraph_warehouses::{
    domain::{import::ImportLine, warehouse::WarehouseId},
    service::Warehouses,
};

use super::{LineErrors, ProductName, StockFile, StockLine, columns::shown};

/// The lines with the ids of what they name. All names are looked up together, not line by line.
///
/// # Errors
///
/// A database fails. A warehouse or product that does not exist is among the second part, with what was wrong before.
pub async fn look_up(
    file: StockFile,
    catalogue: &Catalogue,
    warehouses: &Warehouses,
) -> anyhow::Result<(Vec<ImportLine>, LineErrors)> {
    let StockFile { lines, mut errors } = file;
    let warehouses = known_warehouses(warehouses).await?;
    let products = known_products(catalogue, &lines).await?;
    let mut found = Vec::with_capacity(lines.len());
    for line in lines {
        let warehouse = warehouses
            .get(&line.warehouse.to_ascii_lowercase())
            .copied();
        if warehouse.is_none() {
            let name = shown(&line.warehouse);
            errors.add(line.number, format!("there is no warehouse `{name}`"));
        }
        let product = products.find(&line.product);
        if product.is_none() {
            errors.add(line.number, no_such_product(&line.product));
        }
        if let (Some(warehouse), Some(product)) = (warehouse, product) {
            found.push(ImportLine {
                number: line.number,
                warehouse,
                product,
                change: line.change,
            });
        }
    }
    Ok((found, errors))
}

/// All warehouses by code and by id, both in small letters: codes have no case, and no code is as long as an id.
async fn known_warehouses(warehouses: &Warehouses) -> anyhow::Result<HashMap<String, WarehouseId>> {
    let all = warehouses.warehouses(None).await?;
    let names = |id: WarehouseId, code: String| [code.to_ascii_lowercase(), id.to_string()];
    Ok(all
        .into_iter()
        .flat_map(|warehouse| names(warehouse.id, warehouse.code).map(|name| (name, warehouse.id)))
        .collect())
}

/// The products of a file that exist.
#[derive(Default)]
struct Products {
    by_sku: HashMap<String, ProductId>,
    by_id: HashSet<ProductId>,
}

impl Products {
    fn find(&self, name: &ProductName) -> Option<ProductId> {
        match name {
            ProductName::Sku(sku) => self.by_sku.get(sku).copied(),
            ProductName::Id(id) => self.by_id.get(id).copied(),
        }
    }
}

async fn known_products(catalogue: &Catalogue, lines: &[StockLine]) -> anyhow::Result<Products> {
    let (mut skus, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for line in lines {
        match &line.product {
            ProductName::Sku(sku) => {
                skus.insert(sku.as_str());
            }
            ProductName::Id(id) => {
                ids.insert(*id);
            }
        }
    }
    let skus: Vec<&str> = skus.into_iter().collect();
    let ids: Vec<ProductId> = ids.into_iter().collect();
    Ok(Products {
        by_sku: catalogue.ids_by_sku(&skus).await?,
        by_id: catalogue.existing(&ids).await?,
    })
}

fn no_such_product(name: &ProductName) -> String {
    match name {
        ProductName::Sku(sku) => {
            format!("there is no product with the SKU `{}`", shown(sku))
        }
        ProductName::Id(id) => format!("there is no product {id}"),
    }
}
