//! From an operation's text to a plan: parse, guard, validate, split, plan.
//!
//! This is the only module that names the planner's crate. What the planner gets wrong is put right here, too:
//! `subgraph_names` and `arrangement` before it plans, `entity_keys` after.

mod apart;
mod arrangement;
mod conditions;
mod entity_keys;
mod guard;
mod operation;
pub mod plan;
pub(crate) mod public_schema;
mod schema;
mod subgraph_names;
mod subscription;

pub use self::conditions::{ConditionVariable, Decided, decide};
pub use self::guard::OperationLimits;
pub use self::operation::OperationKind;
pub use self::schema::{EnumValues, InputField, InputObject, Schema, TypeRef};

use graphql_tools::static_graphql::query::{Document, Field, SelectionSet, VariableDefinition};
use graphql_tools::static_graphql::schema::Document as SchemaDocument;
use graphql_tools::validation::rules::default_rules_validation_plan;
use graphql_tools::validation::validate::{ValidationPlan, validate};
use hive_router_query_planner::ast::normalization::normalize_operation;
use hive_router_query_planner::graph::PlannerOverrideContext;
use hive_router_query_planner::planner::{Planner as InnerPlanner, QueryPlannerOptions};
use hive_router_query_planner::utils::cancellation::CancellationToken;
use hive_router_query_planner::utils::parsing::{
    safe_parse_operation_with_token_limit, safe_parse_schema,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use self::entity_keys::EntityKeys;
use self::plan::{PlanNode, QueryPlan};
use self::subgraph_names::SubgraphNames;
use crate::error::{GraphQLError, Refusal, code};

/// A definition of a schema.
pub(crate) type Definition = graphql_tools::parser::schema::Definition<'static, String>;

/// A planned operation, with what execution needs besides the plan.
pub struct PlannedOperation {
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
    /// `__schema` and `__type` at its root.
    pub introspection: Vec<Field>,
}

/// Plans operations over one supergraph.
pub struct Planner {
    inner: InnerPlanner,
    /// Made from `document` when it is first needed; `None` if it would be of no use.
    apart: OnceLock<Option<InnerPlanner>>,
    document: SchemaDocument,
    names: SubgraphNames,
    keys: EntityKeys,
    schema: Arc<Schema>,
    rules: ValidationPlan,
    limits: OperationLimits,
    timeout: Duration,
}

impl Planner {
    /// Reads a supergraph.
    ///
    /// # Errors
    /// What is wrong with the supergraph, in words.
    pub fn new(
        supergraph: &str,
        limits: OperationLimits,
        timeout: Duration,
    ) -> Result<Self, String> {
        let mut document = safe_parse_schema(supergraph).map_err(|error| error.to_string())?;
        let extends = |it: &Definition| matches!(it, Definition::TypeExtension(_));
        if document.definitions.iter().any(extends) {
            return Err("it extends types, which a supergraph does not do".to_owned());
        }
        if document.query_type_name().is_none() {
            return Err("there is no query type".to_owned());
        }
        let keys = EntityKeys::read(&document);
        let names = SubgraphNames::arrange(&mut document);
        let inner = InnerPlanner::new_from_supergraph(&document, QueryPlannerOptions::default())
            .map_err(|error| error.to_string())?;
        let public = public_schema::publish(supergraph)?;
        let schema = Arc::new(Schema::new(public, &document)?);
        Ok(Planner {
            inner,
            apart: OnceLock::new(),
            document,
            names,
            keys,
            schema,
            rules: default_rules_validation_plan(),
            limits,
            timeout,
        })
    }

    /// The schema that operations are validated against.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// The subgraphs by name.
    pub fn subgraphs(&self) -> impl Iterator<Item = &str> {
        self.inner
            .supergraph
            .subgraph_endpoint_map
            .keys()
            .map(|name| self.names.own(name))
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
        guard::check(&document, &self.limits)?;
        self.validate(&document)?;
        let operation = operation::select(&document, name)?;
        let kind = operation::kind(operation);
        let root_type = self.root_type(kind)?;
        subscription::check(&document, operation)?;
        let split = operation::split(&self.schema, &document, operation, &root_type, decided);
        let plan = match &split.planned {
            Some(planned) => self.plan_document(planned, name)?.node,
            None => None,
        };
        Ok(PlannedOperation {
            kind,
            root_type,
            plan,
            selections: guard::selections(operation).clone(),
            variables: operation::variable_definitions(operation).to_vec(),
            introspection: split.introspection,
            document,
        })
    }

    fn parse(&self, text: &str) -> Result<Document, Refusal> {
        safe_parse_operation_with_token_limit(text, self.limits.tokens).map_err(|error| {
            let position = error.0.position;
            let text = error.to_string();
            if text.contains("Token limit exceeded") {
                let message = format!("the operation has more than {} tokens", self.limits.tokens);
                return GraphQLError::new(code::OPERATION_TOO_LARGE, message).into();
            }
            if text.contains("Recursion limit exceeded") {
                let message = "the operation's brackets are nested too deeply";
                return GraphQLError::new(code::OPERATION_TOO_LARGE, message).into();
            }
            GraphQLError::new(code::PARSE_FAILED, syntax_message(&text))
                .at(position.line, position.column)
                .into()
        })
    }

    fn validate(&self, document: &Document) -> Result<(), Refusal> {
        let errors = validate(self.schema.document(), document, &self.rules);
        if errors.is_empty() {
            return Ok(());
        }
        let errors = errors.into_iter().map(|error| {
            let positions = error.locations.iter();
            positions.fold(
                GraphQLError::new(code::VALIDATION_FAILED, error.message),
                |error, position| error.at(position.line, position.column),
            )
        });
        Err(errors.collect())
    }

    fn root_type(&self, kind: OperationKind) -> Result<Arc<str>, Refusal> {
        match kind {
            OperationKind::Query => Ok(Arc::clone(self.schema.query_type())),
            OperationKind::Mutation => self.schema.mutation_type().cloned().ok_or_else(|| {
                GraphQLError::new(code::VALIDATION_FAILED, "the schema has no mutations").into()
            }),
            OperationKind::Subscription => {
                self.schema.subscription_type().cloned().ok_or_else(|| {
                    let message = "the schema has no subscriptions";
                    GraphQLError::new(code::VALIDATION_FAILED, message).into()
                })
            }
        }
    }

    fn plan_document(&self, document: &Document, name: Option<&str>) -> Result<QueryPlan, Refusal> {
        // Both attempts together may take as long as one.
        let time = CancellationToken::with_timeout(self.timeout);
        let found = self.plan_with(&self.inner, document, name, &time);
        let found = found.or_else(|error| match self.apart() {
            Some(apart) => self.plan_with(apart, document, name, &time),
            None => Err(error),
        });
        let mut plan = found.map_err(|error| {
            tracing::error!(%error, "an operation that is valid cannot be planned");
            let message = "no plan was found for the operation";
            Refusal::from(GraphQLError::new(code::PLANNING_FAILED, message))
        })?;
        if let Some(node) = &mut plan.node {
            self.names.restore(node);
            self.keys.complete(node);
        }
        Ok(plan)
    }

    fn plan_with(
        &self,
        planner: &InnerPlanner,
        document: &Document,
        name: Option<&str>,
        time: &CancellationToken,
    ) -> Result<QueryPlan, String> {
        let plan = || {
            let normalized = normalize_operation(&planner.supergraph, document, name)
                .map_err(|error| error.to_string())?;
            planner
                .plan_from_normalized_operation(
                    normalized.executable_operation(),
                    PlannerOverrideContext::default(),
                    time,
                )
                .map_err(|error| error.to_string())
        };
        // It only reads, so there is nothing that a panic could leave half done.
        catch_unwind(AssertUnwindSafe(plan))
            .unwrap_or_else(|_| Err("the planner panicked".to_owned()))
    }

    /// The planner over the supergraph taken apart.
    fn apart(&self) -> Option<&InnerPlanner> {
        let make = || {
            let mut document = self.document.clone();
            if !apart::take_apart(&mut document, self.schema.query_type()) {
                return None;
            }
            let made = InnerPlanner::new_from_supergraph(&document, QueryPlannerOptions::default());
            made.inspect_err(
                |error| tracing::error!(%error, "the supergraph cannot be taken apart"),
            )
            .ok()
        };
        self.apart.get_or_init(make).as_ref()
    }
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
