//! What composition has to say: errors, which stop it, and hints, which do not.

use std::fmt;

/// Declares [`Code`] with, for each code, the name that Federation gives it and what to do about it.
macro_rules! codes {
    ($($(#[$meta:meta])* $variant:ident = $name:literal, $remedy:literal;)+) => {
        /// The kind of a diagnostic, under the name by which the Federation documentation lists it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$meta])* $variant,)+
        }

        impl Code {
            /// Federation's name of the code, e.g. `INVALID_FIELD_SHARING`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// What the author of the subgraphs can do about it.
            #[must_use]
            pub fn remedy(self) -> &'static str {
                match self {
                    $(Self::$variant => $remedy,)+
                }
            }
        }
    };
}

codes! {
    // --- A subgraph by itself ---
    /// The SDL does not parse, or breaks a rule of GraphQL.
    InvalidGraphql = "INVALID_GRAPHQL", "Correct the subgraph's SDL.";
    /// A subgraph's name cannot be used, or is used twice.
    InvalidSubgraphName = "INVALID_SUBGRAPH_NAME", "Give every subgraph a name of its own.";
    /// `@link` is malformed, or imports what the specification does not have.
    InvalidLinkDirectiveUsage = "INVALID_LINK_DIRECTIVE_USAGE", "Correct the `@link` on the subgraph's schema.";
    /// The linked federation version is not a known one.
    UnknownFederationLinkVersion = "UNKNOWN_FEDERATION_LINK_VERSION", "Link a 2.x version of the federation specification.";
    /// The linked version of the link specification is not a known one.
    UnknownLinkVersion = "UNKNOWN_LINK_VERSION", "Link version 1.0 of the link specification.";
    /// The `as` of a `@link` cannot stand before names.
    InvalidLinkIdentifier = "INVALID_LINK_IDENTIFIER", "Choose a name without two underscores in it or one at its end.";
    /// A directive is imported under different names.
    LinkImportNameMismatch = "LINK_IMPORT_NAME_MISMATCH", "Import the directive under the same name everywhere.";
    /// A type of a specification is defined as something else.
    TypeDefinitionInvalid = "TYPE_DEFINITION_INVALID", "Remove the definition, or give it as the specification does.";
    /// A directive of a specification is defined as something else.
    DirectiveDefinitionInvalid = "DIRECTIVE_DEFINITION_INVALID", "Remove the definition, or give it as the specification does.";
    /// The subgraph uses a feature that this composition does not support.
    UnsupportedLinkedFeature = "UNSUPPORTED_LINKED_FEATURE", "Remove the feature from the subgraph.";
    /// A type named `Query` is not the query root.
    RootQueryUsed = "ROOT_QUERY_USED", "Rename the type, or make it the query root.";
    /// A type named `Mutation` is not the mutation root.
    RootMutationUsed = "ROOT_MUTATION_USED", "Rename the type, or make it the mutation root.";
    /// A type named `Subscription` is not the subscription root.
    RootSubscriptionUsed = "ROOT_SUBSCRIPTION_USED", "Rename the type, or make it the subscription root.";
    /// The `fields` of a `@key` is not a string.
    KeyInvalidFieldsType = "KEY_INVALID_FIELDS_TYPE", "Give `fields` as a string such as \"id\".";
    /// The `fields` of a `@requires` is not a string.
    RequiresInvalidFieldsType = "REQUIRES_INVALID_FIELDS_TYPE", "Give `fields` as a string such as \"size weight\".";
    /// The `fields` of a `@provides` is not a string.
    ProvidesInvalidFieldsType = "PROVIDES_INVALID_FIELDS_TYPE", "Give `fields` as a string such as \"name\".";
    /// The `fields` of a `@key` does not parse or names what is not there.
    KeyInvalidFields = "KEY_INVALID_FIELDS", "Name fields that this subgraph defines on the type.";
    /// The `fields` of a `@requires` does not parse or names what is not there.
    RequiresInvalidFields = "REQUIRES_INVALID_FIELDS", "Declare the fields in this subgraph, marked `@external`.";
    /// The `fields` of a `@provides` does not parse or names what is not there.
    ProvidesInvalidFields = "PROVIDES_INVALID_FIELDS", "Declare the fields in this subgraph, marked `@external`.";
    /// A key has a field with arguments.
    KeyFieldsHasArgs = "KEY_FIELDS_HAS_ARGS", "Leave fields with arguments out of the key.";
    /// A `@provides` has a field with arguments.
    ProvidesFieldsHasArgs = "PROVIDES_FIELDS_HAS_ARGS", "Leave fields with arguments out of `@provides`.";
    /// A key has a field of an interface or union type.
    KeyFieldsSelectInvalidType = "KEY_FIELDS_SELECT_INVALID_TYPE", "Leave fields of interface and union types out of the key.";
    /// A key has a directive in its `fields`.
    KeyDirectiveInFieldsArg = "KEY_DIRECTIVE_IN_FIELDS_ARG", "Take the directive out of `fields`.";
    /// A `@requires` has a directive in its `fields`.
    RequiresDirectiveInFieldsArg = "REQUIRES_DIRECTIVE_IN_FIELDS_ARG", "Take the directive out of `fields`.";
    /// A `@provides` has a directive in its `fields`.
    ProvidesDirectiveInFieldsArg = "PROVIDES_DIRECTIVE_IN_FIELDS_ARG", "Take the directive out of `fields`.";
    /// `@requires` on a field of an interface.
    RequiresUnsupportedOnInterface = "REQUIRES_UNSUPPORTED_ON_INTERFACE", "Put `@requires` on the implementing types' fields.";
    /// `@provides` on a field of an interface.
    ProvidesUnsupportedOnInterface = "PROVIDES_UNSUPPORTED_ON_INTERFACE", "Put `@provides` on the implementing types' fields.";
    /// `@provides` on a field whose type has no fields.
    ProvidesOnNonObjectField = "PROVIDES_ON_NON_OBJECT_FIELD", "Remove `@provides`: the field's type has no fields to provide.";
    /// `@requires` names a field that the subgraph resolves itself.
    RequiresFieldsMissingExternal = "REQUIRES_FIELDS_MISSING_EXTERNAL", "Mark the field `@external`, or leave it out of `@requires`.";
    /// `@provides` names a field that the subgraph resolves anyway.
    ProvidesFieldsMissingExternal = "PROVIDES_FIELDS_MISSING_EXTERNAL", "Mark the field `@external`, or leave it out of `@provides`.";
    /// A field is `@external` and nothing uses it.
    ExternalUnused = "EXTERNAL_UNUSED", "Remove the field, or use it in a `@key`, `@requires` or `@provides`.";
    /// A Federation 1 type is left without fields.
    TypeWithOnlyUnusedExternal = "TYPE_WITH_ONLY_UNUSED_EXTERNAL", "Define in the subgraph what it resolves of the type, or use its external fields.";
    /// A field of an interface is `@external`.
    ExternalOnInterface = "EXTERNAL_ON_INTERFACE", "Mark the implementing types' fields instead.";
    /// `@shareable` stands where it has no meaning.
    InvalidShareableUsage = "INVALID_SHAREABLE_USAGE", "Remove `@shareable`, or put it on the implementing types.";
    /// `@interfaceObject` is used against its rules.
    InterfaceObjectUsageError = "INTERFACE_OBJECT_USAGE_ERROR", "Give the interface object a key, and define the interface in another subgraph.";
    /// An implementation lacks a key of its interface.
    InterfaceKeyNotOnImplementation = "INTERFACE_KEY_NOT_ON_IMPLEMENTATION", "Give every implementation the interface's keys.";
    /// A subgraph with a key on an interface lacks some implementation.
    InterfaceKeyMissingImplementationType = "INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE", "Define every implementation where the interface has its key.";
    /// A key on an interface, in a subgraph of before Federation 2.3.
    KeyUnsupportedOnInterface = "KEY_UNSUPPORTED_ON_INTERFACE", "Link version 2.3 or newer of federation, or remove the key.";
    /// `@cost` on a field of an interface.
    CostAppliedToInterfaceField = "COST_APPLIED_TO_INTERFACE_FIELD", "Put `@cost` on the implementing types' fields.";
    /// `@listSize` on a field that answers no list.
    ListSizeAppliedToNonList = "LIST_SIZE_APPLIED_TO_NON_LIST", "Remove `@listSize`, or name `sizedFields`.";
    /// The `assumedSize` of a `@listSize` is no size.
    ListSizeInvalidAssumedSize = "LIST_SIZE_INVALID_ASSUMED_SIZE", "Give an integer that is not negative.";
    /// A slicing argument is missing or no `Int`.
    ListSizeInvalidSlicingArgument = "LIST_SIZE_INVALID_SLICING_ARGUMENT", "Name arguments of type `Int`.";
    /// A sized field is missing or no list.
    ListSizeInvalidSizedField = "LIST_SIZE_INVALID_SIZED_FIELD", "Name fields of what the field answers that are lists.";
    /// `@composeDirective` names what cannot be composed.
    DirectiveCompositionError = "DIRECTIVE_COMPOSITION_ERROR", "Link, import and define the directive alike in every subgraph that composes it.";
    /// `@external` meets a directive that it cannot stand beside.
    ExternalCollisionWithAnotherDirective = "EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE", "Remove one of the two directives.";
    /// `@inaccessible` stands on what every schema has.
    DisallowedInaccessible = "DISALLOWED_INACCESSIBLE", "Remove `@inaccessible` there.";
    /// `@authenticated`, `@requiresScopes` or `@policy` on an interface, an interface object or a field of an interface.
    AuthRequirementsAppliedOnInterface = "AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE", "Put the directive on the objects that implement the interface, or on their fields.";
    /// A field requires what not everybody may see who may see the field.
    MissingTransitiveAuthRequirements = "MISSING_TRANSITIVE_AUTH_REQUIREMENTS", "Demand of the field what is demanded of those that it requires.";

    // --- Overrides ---
    /// A field overrides itself.
    OverrideFromSelfError = "OVERRIDE_FROM_SELF_ERROR", "Name another subgraph in `from`.";
    /// A field that is overridden overrides another in turn.
    OverrideSourceHasOverride = "OVERRIDE_SOURCE_HAS_OVERRIDE", "Keep one `@override` of the field.";
    /// `@override` meets a directive that it cannot stand beside.
    OverrideCollisionWithAnotherDirective = "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE", "Remove one of the two directives.";
    /// `@override` on a field of an interface.
    OverrideOnInterface = "OVERRIDE_ON_INTERFACE", "Put `@override` on the implementing types' fields.";
    /// The label of an `@override` is malformed.
    OverrideLabelInvalid = "OVERRIDE_LABEL_INVALID", "Use a name, or `percent(x)` with x from 0 to 100 and at most 8 decimals.";

    // --- Merging ---
    /// One name, two kinds of type.
    TypeKindMismatch = "TYPE_KIND_MISMATCH", "Make the type of one kind everywhere, or rename one.";
    /// A type is extended everywhere and defined nowhere.
    ExtensionWithNoBase = "EXTENSION_WITH_NO_BASE", "Define the type, without `extend`, in one subgraph.";
    /// Several subgraphs resolve a field that is not shareable in all of them.
    InvalidFieldSharing = "INVALID_FIELD_SHARING", "Mark the field `@shareable` in each of them, or remove or override it in all but one.";
    /// A field's types do not fit together.
    FieldTypeMismatch = "FIELD_TYPE_MISMATCH", "Give the field types of which one covers the others.";
    /// An argument's types do not fit together.
    FieldArgumentTypeMismatch = "FIELD_ARGUMENT_TYPE_MISMATCH", "Give the argument the same type everywhere.";
    /// An argument's default values differ.
    FieldArgumentDefaultMismatch = "FIELD_ARGUMENT_DEFAULT_MISMATCH", "Give the argument the same default value everywhere.";
    /// An input field's default values differ.
    InputFieldDefaultMismatch = "INPUT_FIELD_DEFAULT_MISMATCH", "Give the input field the same default value everywhere.";
    /// An argument is required in one subgraph and missing in another.
    RequiredArgumentMissingInSomeSubgraph = "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH", "Add the argument everywhere, or make it optional.";
    /// An input field is required in one subgraph and missing in another.
    RequiredInputFieldMissingInSomeSubgraph = "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH", "Add the input field everywhere, or make it optional.";
    /// An input type has no field common to all its subgraphs.
    EmptyMergedInputType = "EMPTY_MERGED_INPUT_TYPE", "Give the input type a field that all its subgraphs have.";
    /// An enum has no value common to all its subgraphs.
    EmptyMergedEnumType = "EMPTY_MERGED_ENUM_TYPE", "Give the enum a value that all its subgraphs have.";
    /// An enum is read and written, and its values differ.
    EnumValueMismatch = "ENUM_VALUE_MISMATCH", "Define the value everywhere, or mark it `@inaccessible`.";
    /// A field is `@external` wherever it stands.
    ExternalMissingOnBase = "EXTERNAL_MISSING_ON_BASE", "Define the field, without `@external`, in the subgraph that resolves it.";
    /// A directive that would count for the field as a whole stands where the field is `@external`.
    MergedDirectiveApplicationOnExternal = "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL", "Put the directive where the field is resolved.";
    /// An `@external` field has another type than the field it refers to.
    ExternalTypeMismatch = "EXTERNAL_TYPE_MISMATCH", "Declare the field with the type of the subgraph that resolves it.";
    /// An `@external` field lacks an argument.
    ExternalArgumentMissing = "EXTERNAL_ARGUMENT_MISSING", "Declare the field with all its arguments.";
    /// An argument of an `@external` field has another type.
    ExternalArgumentTypeMismatch = "EXTERNAL_ARGUMENT_TYPE_MISMATCH", "Declare the argument with the type of the subgraph that resolves the field.";
    /// An argument of an `@external` field has another default value.
    ExternalArgumentDefaultMismatch = "EXTERNAL_ARGUMENT_DEFAULT_MISMATCH", "Declare the argument with the default value of the subgraph that resolves the field.";
    /// A type lacks a field of an interface that it implements.
    InterfaceFieldNoImplem = "INTERFACE_FIELD_NO_IMPLEM", "Add the field to the type in some subgraph.";
    /// A type's field does not fit the interface's.
    InterfaceFieldImplemTypeMismatch = "INTERFACE_FIELD_IMPLEM_TYPE_MISMATCH", "Give the field a type that the interface's field type covers.";
    /// No subgraph has a query.
    NoQueries = "NO_QUERIES", "Add a field to `Query` in some subgraph.";

    // --- @inaccessible ---
    /// The query root is hidden.
    QueryRootTypeInaccessible = "QUERY_ROOT_TYPE_INACCESSIBLE", "Remove `@inaccessible` from the query root.";
    /// What clients see refers to a hidden type.
    ReferencedInaccessible = "REFERENCED_INACCESSIBLE", "Hide what refers to the type too, or do not hide the type.";
    /// A type's every part is hidden, but not the type.
    OnlyInaccessibleChildren = "ONLY_INACCESSIBLE_CHILDREN", "Hide the type as a whole.";
    /// A required argument or input field is hidden.
    RequiredInaccessible = "REQUIRED_INACCESSIBLE", "Make it optional, or do not hide it.";
    /// A visible interface has a field that is hidden in an implementation.
    ImplementedByInaccessible = "IMPLEMENTED_BY_INACCESSIBLE", "Hide the interface's field too.";
    /// A visible default value uses a hidden enum value.
    DefaultValueUsesInaccessible = "DEFAULT_VALUE_USES_INACCESSIBLE", "Choose another default value, or do not hide the enum value.";

    // --- The graph as a whole ---
    /// A query that the graph allows cannot be answered.
    SatisfiabilityError = "SATISFIABILITY_ERROR", "Give the type a `@key` that the other subgraphs know, or define the field where the query comes from, `@shareable`.";
    /// A shared field answers with objects of different types.
    ShareableHasMismatchedRuntimeTypes = "SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES", "Let the field answer with the same objects everywhere, or define it in one subgraph.";

    // --- Hints ---
    /// An `@override` names a subgraph that is not there.
    FromSubgraphDoesNotExist = "FROM_SUBGRAPH_DOES_NOT_EXIST", "Check the name in `from`.";
    /// An `@override` has nothing left to override.
    OverrideDirectiveCanBeRemoved = "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED", "Remove the `@override`.";
    /// An overridden field serves nobody.
    OverriddenFieldCanBeRemoved = "OVERRIDDEN_FIELD_CAN_BE_REMOVED", "Remove the field from the overridden subgraph.";
    /// The descriptions of one element differ.
    InconsistentDescription = "INCONSISTENT_DESCRIPTION", "Describe the element alike everywhere.";
    /// A field's types differ, and one covers the others.
    InconsistentButCompatibleFieldType = "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE", "Give the field the same type everywhere.";
    /// An argument's types differ, and one is the strictest.
    InconsistentButCompatibleArgumentType = "INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE", "Give the argument the same type everywhere.";
    /// An optional argument is not in every subgraph, and so left out.
    InconsistentArgumentPresence = "INCONSISTENT_ARGUMENT_PRESENCE", "Add the argument everywhere.";
    /// A default value is not in every subgraph, and so left out.
    InconsistentDefaultValuePresence = "INCONSISTENT_DEFAULT_VALUE_PRESENCE", "Give the default value everywhere.";
    /// An optional input field is not in every subgraph, and so left out.
    InconsistentInputObjectField = "INCONSISTENT_INPUT_OBJECT_FIELD", "Add the input field everywhere.";
    /// A value of an input enum is not in every subgraph, and so left out.
    InconsistentEnumValueForInputEnum = "INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM", "Define the value everywhere.";
    /// A value of an output enum is not in every subgraph.
    InconsistentEnumValueForOutputEnum = "INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM", "Define the value everywhere.";
    /// A shared field may answer with objects of more types in one subgraph than in another.
    InconsistentRuntimeTypesForShareableReturn = "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN", "Let the field answer with the same objects everywhere.";
    /// A type is an entity in some subgraphs only.
    InconsistentEntity = "INCONSISTENT_ENTITY", "Give the type a `@key` everywhere.";
    /// A field of an object without key is not in every subgraph.
    InconsistentObjectValueTypeField = "INCONSISTENT_OBJECT_VALUE_TYPE_FIELD", "Define the field everywhere.";
    /// A field of an interface without key is not in every subgraph.
    InconsistentInterfaceValueTypeField = "INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD", "Define the field everywhere.";
    /// A directive that stands once has other arguments in some subgraph.
    InconsistentNonRepeatableDirectiveArguments = "INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS", "Give the directive the same arguments everywhere.";
    /// The arguments of a directive that stands once were merged.
    MergedNonRepeatableDirectiveArguments = "MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS", "Give the directive the same arguments everywhere.";
    /// A directive for operations is not in every subgraph.
    InconsistentExecutableDirectivePresence = "INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE", "Define the directive everywhere.";
    /// A directive for operations has other locations in some subgraph.
    InconsistentExecutableDirectiveLocations = "INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS", "Give the directive the same locations everywhere.";
    /// A directive for operations is repeatable in some subgraphs only.
    InconsistentExecutableDirectiveRepeatable = "INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE", "Make the directive `repeatable` everywhere, or nowhere.";
    /// A directive for operations has no location common to all subgraphs.
    NoExecutableDirectiveLocationsIntersection = "NO_EXECUTABLE_DIRECTIVE_LOCATIONS_INTERSECTION", "Give the directive a location that all subgraphs have.";
    /// A union's member is not in every subgraph.
    InconsistentUnionMember = "INCONSISTENT_UNION_MEMBER", "Define the member everywhere.";
    /// A composed directive is repeatable in some subgraphs only.
    InconsistentTypeSystemDirectiveRepeatable = "INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_REPEATABLE", "Make the directive `repeatable` everywhere, or nowhere.";
    /// A composed directive has other locations in some subgraph.
    InconsistentTypeSystemDirectiveLocations = "INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_LOCATIONS", "Give the directive the same locations everywhere.";
    /// `@composeDirective` names what is composed anyway.
    DirectiveCompositionInfo = "DIRECTIVE_COMPOSITION_INFO", "Remove the `@composeDirective`.";
    /// An `@override` with a label moves a field step by step.
    OverrideMigrationInProgress = "OVERRIDE_MIGRATION_IN_PROGRESS", "Remove the label when all requests shall go to the new subgraph.";
    /// A subgraph links a specification that is newer than the version of federation that it links.
    ImplicitlyUpgradedFederationVersion = "IMPLICITLY_UPGRADED_FEDERATION_VERSION", "Link the newer version of the federation specification.";
    /// An enum is used nowhere.
    UnusedEnumType = "UNUSED_ENUM_TYPE", "Remove the enum.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One finding of composition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind of finding it is.
    pub code: Code,
    /// The subgraphs that take part in it, sorted; empty when it concerns the graph as a whole.
    pub subgraphs: Vec<String>,
    /// The schema coordinate, e.g. `Product`, `Product.price` or `Product.price(currency:)`.
    pub coordinate: Option<String>,
    /// What was found, in a sentence.
    pub message: String,
}

impl Diagnostic {
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            subgraphs: Vec::new(),
            coordinate: None,
            message: message.into(),
        }
    }

    pub(super) fn at(mut self, coordinate: impl Into<String>) -> Self {
        self.coordinate = Some(coordinate.into());
        self
    }

    pub(super) fn within<'a>(mut self, subgraphs: impl IntoIterator<Item = &'a str>) -> Self {
        self.subgraphs
            .extend(subgraphs.into_iter().map(str::to_owned));
        self.subgraphs.sort();
        self.subgraphs.dedup();
        self
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        self.code.remedy()
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some(coordinate) = &self.coordinate {
            write!(f, " at {coordinate}")?;
        }
        if !self.subgraphs.is_empty() {
            write!(f, " in {}", self.subgraphs.join(", "))?;
        }
        write!(f, ": {} {}", self.message, self.remedy())
    }
}

/// Why the subgraphs do not compose: everything that is wrong, at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompositionErrors(Vec<Diagnostic>);

impl CompositionErrors {
    /// The findings, in a stable order. There is at least one.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.0
    }
}

impl fmt::Display for CompositionErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the subgraphs do not compose")?;
        for diagnostic in &self.0 {
            write!(f, "\n  {diagnostic}")?;
        }
        Ok(())
    }
}

impl std::error::Error for CompositionErrors {}

/// Gathers the findings of a composition.
#[derive(Debug, Default)]
pub(super) struct Report {
    errors: Vec<Diagnostic>,
    hints: Vec<Diagnostic>,
}

impl Report {
    pub(super) fn error(&mut self, diagnostic: Diagnostic) {
        // A rule may meet the same fault from two sides; one report of it is enough.
        if !self.errors.contains(&diagnostic) {
            self.errors.push(diagnostic);
        }
    }

    pub(super) fn hint(&mut self, diagnostic: Diagnostic) {
        if !self.hints.contains(&diagnostic) {
            self.hints.push(diagnostic);
        }
    }

    /// Ends a stage: the errors so far, if there are any.
    pub(super) fn check(&mut self) -> Result<(), CompositionErrors> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(CompositionErrors(std::mem::take(&mut self.errors)))
        }
    }

    pub(super) fn into_hints(self) -> Vec<Diagnostic> {
        self.hints
    }
}
