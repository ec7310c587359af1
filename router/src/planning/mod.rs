//! From an operation's text to a plan: parse, guard, validate, plan.
//!
//! Plans have the form that the crate of another planner gives them, and this is the only module that names it.

mod conditions;
pub(crate) mod limits;
mod meta_fields;
mod operation;
pub mod plan;
pub(crate) mod public_schema;
mod schema;
mod search;
mod subscription;

pub use self::conditions::{ConditionVariable, Decided, decide};
pub use self::limits::cost::CostOptions;
pub use self::schema::{EnumValues, InputField, InputObject, Schema, TypeRef};
pub use crate::operation::OperationKind;

use graphql_tools::static_graphql::query::{Document, Field, SelectionSet, VariableDefinition};
use graphql_tools::validation::rules::default_rules_validation_plan;
use graphql_tools::validation::validate::{ValidationPlan, validate};
use hive_router_query_planner::utils::cancellation::CancellationToken;
use hive_router_query_planner::utils::parsing::{
    safe_parse_operation_with_token_limit, safe_parse_schema,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;
use stockgraph_guard::{Limit, Limits, without_suggestion};

use self::limits::cost::{Cost, Costing, Weights};
use self::plan::PlanNode;
use self::search::{Failure, Model, Planned};
use crate::error::{GraphQLError, Refusal, code};

/// A definition of a schema.
pub(crate) type Definition = graphql_tools::parser::schema::Definition<'static, String>;

/// A planned operation, with what execution needs besides the plan.
pub struct PlannedOperation {
    /// The operation's name, if it has one.
    pub name: Option<String>,
    /// What the operation does.
    pub kind: OperationKind,
    /// The type at its root.
    pub root_type: Arc<str>,
    /// What to fetch; `None` if the router answers everything itself.
    pub plan: Option<PlanNode>,
    /// The validated document.
    pub document: Document,
    /// The operation's selections, as the client wrote them.
    pub selections: SelectionSet,
    /// The variables that it declares.
    pub variables: Vec<VariableDefinition>,
    /// Those that decide by `@skip` and `@include` what is fetched.
    pub conditions: Vec<ConditionVariable>,
    /// `__schema` and `__type` at its root.
    pub introspection: Vec<Field>,
    /// What it costs.
    pub(crate) cost: Cost,
}

/// What is set about planning.
#[derive(Debug, Clone)]
pub struct PlannerOptions {
    /// How large operations may be.
    pub limits: Limits,
    /// What they cost.
    pub cost: CostOptions,
    /// The longest that planning one operation may take.
    pub timeout: Duration,
    /// Whether clients may ask for the schema. Where they may not, no error helps them to guess it.
    pub introspection: bool,
}

/// Plans operations over one supergraph.
pub struct Planner {
    model: Model,
    schema: Arc<Schema>,
    rules: ValidationPlan,
    weights: Weights,
    options: PlannerOptions,
}

impl Planner {
    /// Reads a supergraph.
    ///
    /// # Errors
    /// What is wrong with the supergraph, in words.
    pub fn new(supergraph: &str, options: PlannerOptions) -> Result<Self, String> {
        let document = safe_parse_schema(supergraph).map_err(|error| error.to_string())?;
        let extends = |it: &Definition| matches!(it, Definition::TypeExtension(_));
        if document.definitions.iter().any(extends) {
            return Err("it extends types, which a supergraph does not do".to_owned());
        }
        if document.query_type_name().is_none() {
            return Err("there is no query type".to_owned());
        }
        let model = Model::read(&document);
        let public = public_schema::publish(supergraph)?;
        let schema = Arc::new(Schema::new(public, &document)?);
        let weights = Weights::read(&document);
        Ok(Planner {
            model,
            schema,
            rules: default_rules_validation_plan(),
            weights,
            options,
        })
    }

    /// The schema that operations are validated against.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// The subgraphs by name.
    pub fn subgraphs(&self) -> impl Iterator<Item = &str> {
        self.model.graphs()
    }

    /// The variables that decide by `@skip` and `@include` what the operation fetches. None for a
    /// text that is not even GraphQL.
    pub fn conditions(&self, text: &str, name: Option<&str>) -> Vec<ConditionVariable> {
        match self.parse(text) {
            Ok(document) => conditions::find(&document, name),
            Err(_) => Vec::new(),
        }
    }

    /// Plans the operation that `name` selects in `text`, for requests whose variables have the
    /// `decided` values. This may take milliseconds of CPU, and
    /// seconds for an operation made to hurt, up to the planner's timeout.
    ///
    /// # Errors
    /// Everything that is wrong with the operation, each with a code.
    pub fn plan(
        &self,
        text: &str,
        name: Option<&str>,
        decided: &Decided,
    ) -> Result<PlannedOperation, Refusal> {
        let document = self.parse(text)?;
        limits::check(&document, &self.options.limits)?;
        self.validate(&document)?;
        let operation = operation::select(&document, name)?;
        let kind = operation::kind(operation);
        let root_type = self.root_type(kind)?;
        subscription::check(&document, operation)?;
        let selections = operation::selections(operation);
        let costing = Costing {
            schema: &self.schema,
            weights: &self.weights,
            options: &self.options.cost,
            fragments: operation::fragments(&document),
        };
        let cost = costing.operation(kind, &root_type, selections)?;
        let introspection = operation::introspection(operation, costing.fragments.clone(), decided);
        if !self.options.introspection && !introspection.is_empty() {
            let message = "the schema is not told: introspection is switched off";
            return Err(GraphQLError::new(code::INTROSPECTION_DISABLED, message).into());
        }
        let plan = self.plan_operation(Planned {
            operation,
            fragments: &costing.fragments,
            decided,
        })?;
        Ok(PlannedOperation {
            name: operation::operation_name(operation).map(str::to_owned),
            kind,
            root_type,
            plan,
            selections: selections.clone(),
            variables: operation::variable_definitions(operation).to_vec(),
            conditions: conditions::find(&document, name),
            introspection,
            cost,
            document,
        })
    }

    /// The names of a document's operations; `None` for one without a name.
    ///
    /// # Errors
    /// The text is no document, or too long.
    pub fn operation_names(&self, text: &str) -> Result<Vec<Option<String>>, Refusal> {
        let document = self.parse(text)?;
        let operations = operation::operations(&document);
        let name = |it| operation::operation_name(it).map(str::to_owned);
        Ok(operations.map(name).collect())
    }

    fn parse(&self, text: &str) -> Result<Document, Refusal> {
        let limits = &self.options.limits;
        limits::check_text(text, limits)?;
        safe_parse_operation_with_token_limit(text, limits.tokens).map_err(|error| {
            let position = error.0.position;
            let text = error.to_string();
            if text.contains("Token limit exceeded") {
                return limits::exceeded(&Limit::Tokens.beyond(limits.tokens)).into();
            }
            if text.contains("Recursion limit exceeded") {
                return limits::exceeded(&Limit::Depth.beyond(limits.depth)).into();
            }
            GraphQLError::new(code::PARSE_FAILED, syntax_message(&text))
                .at(position.line, position.column)
                .into()
        })
    }

    fn validate(&self, document: &Document) -> Result<(), Refusal> {
        let errors = validate(self.schema.document(), document, &self.rules);
        let unknown = meta_fields::check(document, &self.schema);
        if errors.is_empty() && unknown.is_empty() {
            return Ok(());
        }
        let errors = errors.into_iter().map(|mut error| {
            if !self.options.introspection {
                without_suggestion(&mut error.message);
            }
            let positions = error.locations.iter();
            positions.fold(
                GraphQLError::new(code::VALIDATION_FAILED, error.message),
                |error, position| error.at(position.line, position.column),
            )
        });
        Err(errors.chain(unknown).collect())
    }

    fn root_type(&self, kind: OperationKind) -> Result<Arc<str>, Refusal> {
        let none = |what: &str| {
            let message = format!("the schema has no {what}");
            Refusal::from(GraphQLError::new(code::VALIDATION_FAILED, message))
        };
        let root = self.schema.root_type(kind).cloned();
        root.ok_or_else(|| match kind {
            OperationKind::Query => none("queries"),
            OperationKind::Mutation => none("mutations"),
            OperationKind::Subscription => none("subscriptions"),
        })
    }

    fn plan_operation(&self, planned: Planned<'_>) -> Result<Option<PlanNode>, Refusal> {
        let time = CancellationToken::with_timeout(self.options.timeout);
        // It only reads, so there is nothing that a panic could leave half done.
        let plan = || search::plan(&self.model, &self.schema, planned, &time);
        let plan = catch_unwind(AssertUnwindSafe(plan)).unwrap_or(Err(Failure::Panicked));
        plan.map_err(|error| {
            if time.bail_if_cancelled().is_err() {
                return planning_timeout(self.options.timeout).into();
            }
            if let Failure::TooLarge = error {
                let message = format!("the operation is too large: {error}");
                return GraphQLError::new(code::OPERATION_TOO_LARGE, message).into();
            }
            tracing::error!(%error, "an operation that is valid cannot be planned");
            let message = "no plan was found for the operation";
            Refusal::from(GraphQLError::new(code::PLANNING_FAILED, message))
        })
    }
}

/// Planning the operation would take longer than is allowed.
pub(crate) fn planning_timeout(maximum: Duration) -> GraphQLError {
    let milliseconds = u64::try_from(maximum.as_millis()).unwrap_or(u64::MAX);
    let message = format!("no plan was found for the operation in {milliseconds} ms");
    GraphQLError::new(code::PLANNING_TIMEOUT, message)
        .with_extension("limit", "planning_timeout_milliseconds")
        .with_extension("maximum", milliseconds)
}

/// The parser's message in one line, without its first, which repeats the position, and without
/// its own names for kinds of tokens.
fn syntax_message(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .skip(1)
        .filter(|line| !line.is_empty())
        .collect();
    let message = lines.join("; ");
    let kinds = [
        "Punctuator",
        "Name",
        "IntValue",
        "FloatValue",
        "StringValue",
        "BlockString",
    ];
    let message = kinds.iter().fold(message, |message, kind| {
        message.replace(&format!("[{kind}]"), "")
    });
    format!("syntax error: {message}")
}
