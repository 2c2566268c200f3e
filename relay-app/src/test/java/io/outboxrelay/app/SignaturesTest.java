package io.outboxrelay.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.TreeScanner;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.lang.model.element.Modifier;
import org.junit.jupiter.api.Test;

/**
 * No method, constructor or record of any module, tests included, has more than six parameters,
 * because a reader cannot match the arguments of a longer call. A record groups parameters instead.
 */
class SignaturesTest {
  private static final int MOST = 6;

  @Test
  void signaturesHaveAtMostSixParameters() throws IOException {
    var longer = new ArrayList<String>();
    var seen = new ArrayList<String>();
    JavaSources.visit(position -> new Signatures(position, longer, seen));

    assertThat(seen).hasSizeGreaterThan(5_000);
    assertThat(longer).isEmpty();
  }

  private static final class Signatures extends TreeScanner<Void, Void> {
    private final JavaSources.Position position;
    private final List<String> longer;
    private final List<String> seen;

    Signatures(JavaSources.Position position, List<String> longer, List<String> seen) {
      this.position = position;
      this.longer = longer;
      this.seen = seen;
    }

    @Override
    public Void visitMethod(MethodTree method, Void unused) {
      check(method, method.getName().toString(), method.getParameters().size());
      return super.visitMethod(method, null);
    }

    /** Fields of a record are its components, unless they are static. */
    @Override
    public Void visitClass(ClassTree type, Void unused) {
      if (type.getKind() == Tree.Kind.RECORD) {
        var components =
            type.getMembers().stream()
                .filter(member -> member instanceof VariableTree field && !isStatic(field))
                .count();
        check(type, type.getSimpleName().toString(), components);
      }
      return super.visitClass(type, null);
    }

    private static boolean isStatic(VariableTree field) {
      return field.getModifiers().getFlags().contains(Modifier.STATIC);
    }

    private void check(Tree tree, String name, long parameters) {
      seen.add(name);
      if (parameters > MOST) {
        longer.add(position.of(tree) + ": " + name + " has " + parameters);
      }
    }
  }
}
