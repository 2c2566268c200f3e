package io.outboxrelay.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.util.TreeScanner;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * A number with a fraction or with grouped digits is formatted with a named locale, because its
 * points and commas would otherwise depend on the machine.
 */
class NumberFormatsTest {
  private static final Pattern LOCALIZED = Pattern.compile("%[-#+ 0(]*,|%[^a-zA-Z%]*[eEfgG]\\b");

  @Test
  void formatsOfFractionsAndGroupsNameTheirLocale() throws IOException {
    var unnamed = new ArrayList<String>();
    JavaSources.visit(position -> new Formats(position, unnamed));

    assertThat(unnamed).isEmpty();
  }

  private static final class Formats extends TreeScanner<Void, Void> {
    private final JavaSources.Position position;
    private final List<String> unnamed;

    Formats(JavaSources.Position position, List<String> unnamed) {
      this.position = position;
      this.unnamed = unnamed;
    }

    @Override
    public Void visitMethodInvocation(MethodInvocationTree call, Void unused) {
      if (call.getMethodSelect() instanceof MemberSelectTree method) {
        var arguments = call.getArguments();
        switch (method.getIdentifier().toString()) {
          case "formatted" -> check(call, method.getExpression());
          case "format", "printf" -> {
            if (!arguments.isEmpty()) {
              // If a locale is given, it is the first argument and holds no format.
              check(call, arguments.get(0));
            }
          }
          default -> {}
        }
      }
      return super.visitMethodInvocation(call, null);
    }

    private void check(MethodInvocationTree call, ExpressionTree format) {
      var text = new StringBuilder();
      new TreeScanner<Void, Void>() {
        @Override
        public Void visitLiteral(LiteralTree literal, Void unused) {
          text.append(literal.getValue());
          return null;
        }
      }.scan(format, null);
      if (LOCALIZED.matcher(text).find()) {
        unnamed.add(position.of(call) + ": " + text);
      }
    }
  }
}
