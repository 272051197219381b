// mig/ast/tree_builder_types.cpp
#include "ast/tree_builder.h"

namespace migc {

namespace {

// To GNU's compiler these are names like any other.
bool is_osf_keyword(size_t token)
{
    using L = grammar::MigLexer;
    switch (token) {
    case L::TRAPS:
    case L::TRAP:
    case L::USER_POINTER:
    case L::SEND_TIME:
    case L::AUTO:
    case L::OVERWRITE:
    case L::CONST:
    case L::VALUE_OF:
    case L::POINTER_TO:
    case L::POINTER_TO_IF_NOT:
    case L::FUNCTION:
    case L::PROCEDURE:
    case L::SECURITY_TOKEN:
    case L::AUDIT_TOKEN:
        return true;
    default:
        return false;
    }
}

}  // namespace

ast::TypeSpecPtr TreeBuilder::type(P::TypeWithTranslationsContext* tree)
{
    ast::TypeSpecPtr result = type_spec(tree->typeSpec());
    for (P::TranslationContext* each : tree->translation())
        result->translations.push_back(translation(*each));
    return result;
}

ast::TypeSpecPtr TreeBuilder::type_spec(P::TypeSpecContext* tree)
{
    auto result = std::make_unique<ast::TypeSpec>();
    result->position = position(*tree);
    if (auto* found = dynamic_cast<P::NamedTypeContext*>(tree)) {
        result->form = ast::BasicType{primitive(*found->primitiveType()), std::nullopt, std::nullopt, {}};
    }
    if (auto* found = dynamic_cast<P::TwoSidedTypeContext*>(tree)) {
        result->form = ast::BasicType{
            primitive(*found->primitiveType(0)), primitive(*found->primitiveType(1)), std::nullopt, {}};
    }
    if (auto* found = dynamic_cast<P::SizedBasicTypeContext*>(tree)) {
        result->form = sized_type(*found);
    }
    if (auto* found = dynamic_cast<P::PointerTypeContext*>(tree)) {
        result->form = ast::OutOfLineType{type_spec(found->typeSpec())};
    }
    if (auto* found = dynamic_cast<P::ArrayTypeContext*>(tree)) {
        result->form = array_type(*found);
    }
    if (auto* found = dynamic_cast<P::StructArrayTypeContext*>(tree)) {
        result->form = ast::StructArrayType{integer(found->integer()), type_spec(found->typeSpec())};
    }
    if (auto* found = dynamic_cast<P::StructTypeContext*>(tree)) {
        ast::StructType structure;
        for (P::StructMemberContext* member : found->structMember()) {
            auto* named = dynamic_cast<P::NamedTypeContext*>(member->typeSpec());
            if (named == nullptr || named->primitiveType()->name() == nullptr ||
                is_symbolic_type(named->getText()))
                note(ast::WiderUse::TypeInPlace, *member->typeSpec());
            structure.members.push_back({type_spec(member->typeSpec()), name(member->name())});
        }
        result->form = std::move(structure);
    }
    if (auto* found = dynamic_cast<P::StringTypeContext*>(tree)) {
        result->form = ast::StringType{integer(found->integer()), found->STAR() != nullptr};
    }
    if (auto* found = dynamic_cast<P::NativePointerTypeContext*>(tree)) {
        result->form = ast::NativeType{ast::NativeType::Pointer, type_spec(found->typeSpec())};
    }
    if (auto* found = dynamic_cast<P::NativePointerIfNotTypeContext*>(tree)) {
        result->form = ast::NativeType{ast::NativeType::PointerIfNot, type_spec(found->typeSpec())};
    }
    if (auto* found = dynamic_cast<P::NativeValueTypeContext*>(tree)) {
        result->form = ast::NativeType{ast::NativeType::Value, type_spec(found->typeSpec())};
    }
    if (auto* found = dynamic_cast<P::UserPointerTypeContext*>(tree)) {
        result->form = user_pointer(*found);
    }
    return result;
}

ast::BasicType TreeBuilder::sized_type(P::SizedBasicTypeContext& tree)
{
    ast::BasicType basic{primitive(*tree.primitiveType(0)), std::nullopt, integer(tree.integer()), {}};
    if (tree.primitiveType().size() > 1)
        basic.second = primitive(*tree.primitiveType(1));
    for (P::TypeFlagContext* each : tree.typeFlag())
        basic.flags.push_back(flag(*each->flag()));
    return basic;
}

ast::ArrayType TreeBuilder::array_type(P::ArrayTypeContext& tree)
{
    ast::ArrayType array{ast::ArrayType::Unlimited, 0, type_spec(tree.typeSpec())};
    if (P::ArrayBoundContext* bound = tree.arrayBound(); bound != nullptr && bound->integer() != nullptr) {
        array.bound = bound->STAR() != nullptr ? ast::ArrayType::Limited : ast::ArrayType::Fixed;
        array.count = integer(bound->integer());
    }
    return array;
}

ast::UserPointerType TreeBuilder::user_pointer(P::UserPointerTypeContext& tree)
{
    ast::UserPointerType pointer{type_spec(tree.typeSpec()), uint32_t{1}};
    if (P::PointerExtentContext* extent = tree.pointerExtent()) {
        if (extent->name() != nullptr)
            pointer.extent = name(extent->name());
        else
            pointer.extent = integer(extent->integer());
    }
    return pointer;
}

ast::Translation TreeBuilder::translation(P::TranslationContext& tree)
{
    using T = ast::Translation;
    const Position where = position(tree);
    if (auto* found = dynamic_cast<P::InTranslationContext*>(&tree))
        return {T::InTran, where, c_type(*found->cType(0)), name(found->name()).text,
                c_type(*found->cType(1))};
    if (auto* found = dynamic_cast<P::OutTranslationContext*>(&tree))
        return {T::OutTran, where, c_type(*found->cType(0)), name(found->name()).text,
                c_type(*found->cType(1))};
    if (auto* found = dynamic_cast<P::PayloadTranslationContext*>(&tree)) {
        if (found->LPAREN() != nullptr)
            note(ast::WiderUse::CTypeOfWords, tree);
        std::string argument = found->cType().size() > 1 ? c_type(*found->cType(1)) : std::string{};
        return {T::InTranPayload, where, c_type(*found->cType(0)), name(found->name()).text,
                std::move(argument)};
    }
    if (auto* found = dynamic_cast<P::DestructorTranslationContext*>(&tree))
        return {T::Destructor, where, {}, name(found->name()).text, c_type(*found->cType())};
    auto& named = dynamic_cast<P::CTypeTranslationContext&>(tree);
    const T::Kind kind = named.CTYPE() ? T::CType : named.CUSER_TYPE() ? T::CUserType : T::CServerType;
    return {kind, where, c_type(*named.cType()), {}, {}};
}

ast::Name TreeBuilder::primitive(P::PrimitiveTypeContext& tree)
{
    if (tree.name() != nullptr && is_symbolic_type(tree.getText()))
        return {tree.getText(), position(tree)};
    if (tree.name() != nullptr)
        return name(tree.name());
    return {std::to_string(integer(tree.integer())), position(tree)};
}

ast::Flag TreeBuilder::flag(P::FlagContext& tree)
{
    using F = ast::Flag;
    using L = grammar::MigLexer;
    const Position where = position(tree);
    switch (tree.getStart()->getType()) {
    case L::PHYSICAL_COPY:
    case L::OVERWRITE:
    case L::AUTO:
    case L::CONST:
    case L::SAME_COUNT:
        note(ast::WiderUse::Word, tree);
        break;
    default:
        break;
    }
    switch (tree.getStart()->getType()) {
    case L::DEALLOC:
        return {tree.LBRACKET() ? F::DeallocByCaller : F::Dealloc, where};
    case L::NOT_DEALLOC:
        return {F::NotDealloc, where};
    case L::SERVER_COPY:
        return {F::ServerCopy, where};
    case L::PHYSICAL_COPY:
        return {F::PhysicalCopy, where};
    case L::OVERWRITE:
        return {F::Overwrite, where};
    case L::AUTO:
        return {F::Auto, where};
    case L::CONST:
        return {F::Const, where};
    case L::IS_LONG:
        return {F::IsLong, where};
    case L::IS_NOT_LONG:
        return {F::IsNotLong, where};
    case L::SAME_COUNT:
        return {F::SameCount, where};
    case L::COUNT_IN_OUT:
        return {F::CountInOut, where};
    default:
        return {F::RetCode, where};
    }
}

uint32_t TreeBuilder::integer(P::IntegerContext* tree)
{
    const int64_t value = evaluate(*tree);
    if (value < 0 || value > UINT32_MAX) {
        reporter_.report(position(*tree), err_number_too_large, tree->getText());
        return 1;
    }
    return static_cast<uint32_t>(value);
}

// Values beyond 32 bits are all alike (reported by the caller), so intermediate results saturate instead of overflowing.
int64_t TreeBuilder::evaluate(P::IntegerContext& tree)
{
    constexpr int64_t limit = int64_t{1} << 40;
    if (tree.NUMBER() != nullptr) {
        const std::string digits = tree.NUMBER()->getText();
        errno = 0;
        const unsigned long long value = std::strtoull(digits.c_str(), nullptr, 0);
        return errno != 0 || value > limit ? limit : static_cast<int64_t>(value);
    }
    if (tree.integer().size() == 1)
        return evaluate(*tree.integer(0));
    const int64_t left = evaluate(*tree.integer(0));
    const int64_t right = evaluate(*tree.integer(1));
    if (tree.SLASH() != nullptr && right == 0) {
        reporter_.report(position(*tree.integer(1)), err_division_by_zero);
        return 1;
    }
    int64_t result = 0;
    if (tree.PLUS() != nullptr)
        result = left + right;
    else if (tree.MINUS() != nullptr)
        result = left - right;
    else if (tree.SLASH() != nullptr)
        result = left / right;
    else if (__builtin_mul_overflow(left, right, &result))
        result = limit;
    return std::clamp(result, -limit, limit);
}

ast::Name TreeBuilder::name(P::NameContext* tree)
{
    const size_t token = tree->getStart()->getType();
    if ((token != grammar::MigLexer::IDENTIFIER && !is_osf_keyword(token)) ||
        is_symbolic_type(tree->getText()))
        note(ast::WiderUse::KeywordAsName, *tree);
    return {tree->getText(), position(*tree)};
}

std::string TreeBuilder::c_type(P::CTypeContext& tree)
{
    const bool is_one_word = tree.getStart() == tree.getStop();
    if (!is_one_word)
        note(ast::WiderUse::CTypeOfWords, tree);
    else if (tree.name().size() == 1)
        name(tree.name(0));  // For what it notes.
    return text(tree);
}

void TreeBuilder::note(ast::WiderUse::Kind kind, antlr4::ParserRuleContext& tree)
{
    wider_uses_.push_back(
        {kind, position(tree), kind == ast::WiderUse::Word ? tree.getStart()->getText() : text(tree)});
}

Position TreeBuilder::position(antlr4::ParserRuleContext& tree) const
{
    return map_.position(tree.getStart()->getLine(), tree.getStart()->getCharPositionInLine());
}

// The text as written, one space wherever there was some.
std::string TreeBuilder::text(antlr4::ParserRuleContext& tree) const
{
    std::string result;
    const size_t last = tree.getStop()->getTokenIndex();
    for (size_t at = tree.getStart()->getTokenIndex(); at <= last; ++at) {
        antlr4::Token* token = tokens_.get(at);
        if (token->getChannel() != antlr4::Token::DEFAULT_CHANNEL)
            continue;
        const bool glued =
            !result.empty() && at != 0 && tokens_.get(at - 1)->getStopIndex() + 1 == token->getStartIndex();
        if (!result.empty() && !glued)
            result += ' ';
        result += token->getText();
    }
    return result;
}

// The comments directly above a routine, without their delimiters: they become its documentation.  A comment that
// begins on the line where the statement before ends is about that statement.
std::string TreeBuilder::comment_before(antlr4::ParserRuleContext& tree)
{
    std::string result;
    const std::vector<antlr4::Token*> hidden =
        tokens_.getHiddenTokensToLeft(tree.getStart()->getTokenIndex());
    const size_t first = hidden.empty() ? 0 : hidden.front()->getTokenIndex();
    const size_t line_before = first == 0 ? 0 : tokens_.get(first - 1)->getLine();
    for (antlr4::Token* token : hidden) {
        if (token->getLine() == line_before)
            continue;
        const size_t kind = token->getType();
        if (kind == grammar::MigLexer::LINE_MARKER)
            result.clear();
        std::string comment = token->getText();
        if (kind == grammar::MigLexer::BLOCK_COMMENT)
            comment = comment.substr(2, comment.size() - 4);
        else if (kind == grammar::MigLexer::LINE_COMMENT)
            comment = comment.substr(2);
        else
            continue;
        result += (result.empty() ? "" : "\n") + comment;
    }
    return result;
}

}  // namespace migc
